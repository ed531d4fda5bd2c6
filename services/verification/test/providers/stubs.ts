import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Test } from 'tap';

/** A request as it came over the wire. */
export type Received = {
  method: string;
  /** Path and query, not decoded. */
  target: string;
  /** By name in small letters. */
  headers: ReadonlyMap<string, string>;
  body: Buffer;
};
export type StubAnswer = { status: number; body: string };

/** One request's fate. `answer` lets the provider do its work and say what it would say. */
export type Behaviour = (exchange: {
  response: ServerResponse;
  socket: Socket;
  answer: () => StubAnswer;
}) => void;

export type Stub = {
  url: string;
  /** All requests, in their order. */
  received: Received[];
  /** The next requests meet these, one each; later ones are answered as the provider would. */
  next(...behaviours: Behaviour[]): void;
  /** Every request from now on meets this. */
  always(behaviour: Behaviour): void;
};

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = new Map<string, string>();
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    headers.set((request.rawHeaders[at] ?? '').toLowerCase(), request.rawHeaders[at + 1] ?? '');
  }
  return { method: request.method ?? '', target: request.url ?? '', headers, body: Buffer.concat(chunks) };
}

const send = (response: ServerResponse, { status, body }: StubAnswer) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);

/** A provider on 127.0.0.1 whose whole mind is `answer`. */
export async function startStub(t: Test, answer: (request: Received) => StubAnswer): Promise<Stub> {
  const received: Received[] = [];
  const queue: Behaviour[] = [];
  const honest: Behaviour = ({ response, answer }) => send(response, answer());
  let standing = honest;
  const server = createServer(async (request, response) => {
    const whole = await receive(request);
    received.push(whole);
    const behaviour = queue.shift() ?? standing;
    behaviour({ response, socket: request.socket, answer: () => answer(whole) });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(async () => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    next: (...behaviours) => void queue.push(...behaviours),
    always(behaviour) {
      standing = behaviour;
    },
  };
}

/** Breaks the connection with a RST; the request is lost. */
export const reset: Behaviour = ({ socket }) => void socket.resetAndDestroy();
/** Closes the connection with a FIN; the request is lost. */
export const hangUp: Behaviour = ({ socket }) => void socket.destroy();
/** Begins the head of an answer and closes the connection. */
export const hangUpInHead: Behaviour = ({ socket }) => void socket.end('HTTP/1.1 200 OK\r\nx-');
/** Speaks something else than HTTP. */
export const babble: Behaviour = ({ socket }) => void socket.end('220 mail.example.com ESMTP\r\n');
/** Does the work, and breaks the connection instead of saying so. */
export const resetAfterwards: Behaviour = ({ socket, answer }) => {
  answer();
  socket.resetAndDestroy();
};
/** Does the work, says half of it, and breaks the connection. */
export const resetHalfway: Behaviour = ({ socket, response, answer }) => {
  const { body } = answer();
  response.writeHead(200, { 'content-length': body.length });
  response.write(body.slice(0, body.length / 2), () => socket.resetAndDestroy());
};
export const hang: Behaviour = () => {};
/** Begins to answer and goes no further. */
export const hangHalfway: Behaviour = ({ response }) => {
  response.writeHead(200);
  response.write('{');
};
export const says =
  (status: number, body: string, headers: Record<string, string> = {}): Behaviour =>
  ({ response }) =>
    void response.writeHead(status, headers).end(body);
/** A body that goes on until the other side has had enough; `ended` then. */
export function endless(): { behaviour: Behaviour; ended: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const chunk = Buffer.alloc(1 << 20, ' ');
  const behaviour: Behaviour = ({ response }) => {
    response.writeHead(200);
    const more = () => {
      while (response.write(chunk));
    };
    response.on('drain', more).once('close', resolve);
    more();
  };
  return { behaviour, ended: promise };
}
/** The right answer with 10 MB of white space after it, in few bytes. */
export const gzipBomb: Behaviour = ({ response, answer }) => {
  const body = gzipSync(answer().body + ' '.repeat(10_000_000));
  response.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
};
/** The right answer with 10 MB of white space after it. */
export const tenMegabytes: Behaviour = ({ response, answer }) => {
  response.writeHead(200).end(answer().body + ' '.repeat(10_000_000));
};
/** Does the work, and says so when told to. */
export function late(): { behaviour: Behaviour; release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const behaviour: Behaviour = ({ response, answer }) => {
    const said = answer();
    promise.then(() => send(response, said));
  };
  return { behaviour, release: resolve };
}
