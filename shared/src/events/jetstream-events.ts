import { createHash } from 'node:crypto';
import { ErrorCode as NatsCode, NatsError, Events as NatsEvents } from 'nats';
import { createAlarms } from '../bus/alarms.ts';
import type { BrokerConnection } from '../bus/nats-connection.ts';
import { openRequests } from '../bus/nats-requests.ts';
import type { EventKind } from '../contracts/event.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { Type, TypeCompiler } from '../schema.ts';
import type { Consumer, Consuming, Events } from './events.ts';
import { ensureConsumer, openStream } from './jetstream-stream.ts';
import { startWorker } from './jetstream-worker.ts';
import { idOf, type Message, textOf } from './messages.ts';
import { createPublisher } from './publisher.ts';
import { tell } from './telling.ts';

/**
 * Each key belongs to one of so many parts, in which messages are told one by one: one that cannot be handled keeps no
 * more than its part. Another figure would put keys into other parts while their events wait in the old ones.
 */
const parts = 8;
const publishTimeoutMs = 5000;

const partOf = (key: string) => createHash('sha256').update(key).digest().readUInt8(0) % parts;

/** The subjects of some kinds in one part; of all kinds where they do not share their first word. */
function filterOf(prefix: string, kinds: readonly EventKind[], part: number): string {
  const words = new Set(kinds.map((kind) => kind.split('.')[0]));
  return `${prefix}.${words.size === 1 ? [...words][0] : '*'}.*.${part}`;
}

const acknowledgement = TypeCompiler.Compile(
  Type.Object({ stream: Type.String({ minLength: 1 }), seq: Type.Integer({ minimum: 1 }) }),
);

/** Fails unless the answer says under which number the stream has it. */
function mustBeStored(answer: string): void {
  if (!acknowledgement.Check(JSON.parse(answer))) throw new Error(`the stream does not store it: ${answer}`);
}

/** What the failure of a publish means: `unavailable` is any event's, all else this one's or its kind's. */
function meaningOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = error instanceof NatsError ? error.code : '';
  if (code === NatsCode.MaxPayloadExceeded) return new AppError('contract-violated', {}, error);
  // The broker's users are of a version that has no such kind: others go on.
  return new AppError(code === NatsCode.PermissionsViolation ? 'internal' : 'unavailable', {}, error);
}

/**
 * Events between processes, in a JetStream stream `NAMESPACE-events` on disk, under `NAMESPACE.events.KIND.PART`; a
 * message holds one, or an array of several.
 * Resolves when the stream is there, which it makes; waits for a server without JetStream.
 */
export async function jetstreamEvents({
  broker,
  namespace,
  replicas = 1,
  logger,
}: {
  broker: BrokerConnection;
  namespace: string;
  /** `EVENTS_REPLICAS`. */
  replicas?: number;
  logger: Logger;
}): Promise<Events> {
  const { nats } = broker;
  const stream = `${namespace}-events`;
  const prefix = `${namespace}.events`;
  const manager = await nats.jetstreamManager({ checkAPI: false });
  await openStream({
    manager,
    name: stream,
    subject: `${prefix}.>`,
    replicas,
    logger,
    ending: () => nats.isClosed(),
  });
  const ask = openRequests({ broker, alarms: createAlarms() });
  const consuming = new Set<Consuming & { askAnew(): void }>();
  void (async () => {
    for await (const { type } of nats.status()) {
      if (type === NatsEvents.Reconnect) for (const { askAnew } of consuming) askAnew();
    }
  })();

  async function store(message: Message, part: string): Promise<void> {
    if (!broker.connected()) throw new AppError('unavailable');
    try {
      const { payload } = await ask({
        subject: `${prefix}.${message.kind}.${part}`,
        headers: `Nats-Msg-Id: ${idOf(message)}\r\nNats-Expected-Stream: ${stream}\r\n`,
        payload: textOf(message),
        timeoutMs: publishTimeoutMs,
        elsewhere: () => undefined,
      });
      mustBeStored(payload);
    } catch (error) {
      throw meaningOf(error);
    }
  }

  return {
    publish: createPublisher({
      laneOf: ({ key }) => String(partOf(key)),
      lanesAtOnce: parts,
      send: store,
    }),

    async consume<K extends EventKind>(consumer: Consumer<K>) {
      const { name, kinds } = consumer;
      const durables = Array.from({ length: parts }, (_, part) => {
        const durable = `${name}-${part}`;
        const filter = filterOf(prefix, kinds, part);
        return { durable, ensure: () => ensureConsumer(manager, stream, { durable, filter }) };
      });
      await Promise.all(durables.map(({ ensure }) => ensure())).catch((error: unknown) => {
        throw new AppError('unavailable', {}, error);
      });
      const handle = (text: string) => tell(consumer, text);
      const workers = durables.map(({ durable, ensure }) =>
        startWorker({ broker, stream, durable, ensure, handle, logger }),
      );
      const self = {
        askAnew() {
          for (const worker of workers) worker.askAnew();
        },
        async stop() {
          consuming.delete(self);
          await Promise.all(workers.map((worker) => worker.stop()));
        },
      };
      consuming.add(self);
      return self;
    },

    start() {},

    async close() {
      await Promise.all([...consuming].map((consumer) => consumer.stop()));
    },
  };
}
