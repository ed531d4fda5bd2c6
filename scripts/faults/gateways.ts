import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from './docker.ts';

/** Milliseconds between two looks at whether a gateway is ready. */
const lookEveryMs = 250;
const looksFor = 1000;
/** Above what any answer may take. */
const patienceMs = 15_000;

export type Asking = {
  method?: 'GET' | 'POST';
  path: string;
  fields?: object;
  token?: string;
  /** `Idempotency-Key` */
  key?: string;
  /** Whom the proxy in front asks for; by turns one of 200 addresses unless told otherwise. */
  from?: string;
};
export type Answer = { status: number; retryAfter: string | undefined; body: Record<string, unknown> };

/** The clients' side of a proxy: keep-alive connections to the gateways that are ready. */
export type Gateways = {
  ask(asking: Asking): Promise<Answer>;
  /** Waits until so many are ready. */
  untilReady(count: number): Promise<void>;
  close(): void;
};

function send(port: number, agent: Agent, asking: Asking, from: string, timeout: number): Promise<Answer> {
  const { method = 'POST', path, fields, token, key } = asking;
  const body = fields === undefined ? '' : JSON.stringify(fields);
  const headers = {
    'x-forwarded-for': from,
    ...(fields && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    ...(token !== undefined && { token }),
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent, method, path, headers, timeout }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const { statusCode: status = 0, headers } = incoming;
        const isJson = /json/.test(headers['content-type'] ?? '');
        const read = isJson ? JSON.parse(Buffer.concat(chunks).toString()) : {};
        resolve({ status, retryAfter: headers['retry-after'], body: Object(read) });
      });
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error(`nothing for ${timeout} ms`)));
    sent.end(body);
  });
}

/**
 * Looks at all these ports four times a second, and gives requests to those that answered ready, in turn; where none
 * is ready, to those that say so.
 */
export function openGateways(ports: readonly number[]): Gateways {
  const agent = new Agent({ keepAlive: true });
  // Of the flood: more than there are passwords that wait to be hashed, so that what is refused is not waited for here.
  const crowd = new Agent({ keepAlive: true, maxSockets: 1000 });
  const looking = new Agent({ keepAlive: false });
  const ready = new Set<number>();
  const unready = new Set<number>();
  let closed = false;
  let turn = 0;

  async function look(port: number): Promise<void> {
    const asking: Asking = { method: 'GET', path: '/health/ready' };
    const answer = await send(port, looking, asking, '127.0.0.1', looksFor).catch(() => undefined);
    ready.delete(port);
    unready.delete(port);
    if (answer) (answer.status === 200 ? ready : unready).add(port);
  }
  const lookOn = async (port: number) => {
    while (!closed) {
      await look(port);
      await delay(lookEveryMs);
    }
  };
  for (const port of ports) void lookOn(port);

  return {
    async ask(asking) {
      turn += 1;
      const found = [...(ready.size > 0 ? ready : unready)];
      const port = found[turn % found.length];
      if (port === undefined) throw new Error('no gateway answers');
      if (asking.from !== undefined) return send(port, crowd, asking, asking.from, patienceMs);
      return send(port, agent, asking, `198.18.0.${1 + (turn % 200)}`, patienceMs);
    },
    untilReady: (count) =>
      until(`${count} gateways are ready`, async () => ready.size >= count, { patienceMs: 60_000 }),
    close() {
      closed = true;
      agent.destroy();
      crowd.destroy();
    },
  };
}
