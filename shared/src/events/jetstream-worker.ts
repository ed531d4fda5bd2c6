import { setTimeout as delay } from 'node:timers/promises';
import { type Msg, nanos } from 'nats';
import type { BrokerConnection } from '../bus/nats-connection.ts';
import type { Logger } from '../logger.ts';
import type { Consuming } from './events.ts';
import { ackWaitMs } from './jetstream-stream.ts';

/**
 * Milliseconds that the server keeps a question for the next event, and that an answer may take besides. Only one that
 * ends while this connection stays, the dead leader of a cluster, is noticed no sooner.
 */
const expiresMs = 5000;
const graceMs = 1000;
const retryMs = 500;
/** While a handler is at work the server hears so this often. */
const beatMs = ackWaitMs / 3;
/** Milliseconds after which an event that a handler refused is told again, at first and at most. */
const firstNakMs = 500;
const longestNakMs = 30_000;

const isEvent = ({ reply }: Msg) => reply?.startsWith('$JS.ACK.') === true;

/** How often the event was told, this time counted; the reply subject says so, in its older and its newer form. */
function deliveriesOf({ reply = '' }: Msg): number {
  const tokens = reply.split('.');
  return Number(tokens[tokens.length === 9 ? 4 : 6]);
}

/** Asks, until it is stopped. */
export type Worker = Consuming & {
  /** The server may have forgotten the question: it is asked anew. */
  askAnew(): void;
};

/** Asks one durable consumer for one event after the other and has it handled, until it is stopped. */
export function startWorker({
  broker: { nats, connected, newInbox },
  stream,
  durable,
  ensure,
  handle,
  logger,
}: {
  broker: Pick<BrokerConnection, 'nats' | 'connected' | 'newInbox'>;
  stream: string;
  durable: string;
  /** Makes the durable consumer again when somebody has removed it. */
  ensure: () => Promise<void>;
  handle: (text: string) => Promise<void>;
  logger: Logger;
}): Worker {
  const inbox = newInbox();
  const early: Msg[] = [];
  let receive: ((message: Msg | null) => void) | null = null;
  let stopping = false;

  function answer(message: Msg, word: string): void {
    // What cannot be said now is told again.
    if (!nats.isClosed()) message.respond(word);
  }

  const subscription = nats.subscribe(inbox, {
    callback(error, message) {
      if (error) logger.error({ err: error, consumer: durable }, 'a consumer hears nothing');
      else if (stopping && isEvent(message)) answer(message, '-NAK');
      else if (receive) receive(message);
      else if (isEvent(message)) early.push(message);
    },
  });

  /** The next event, or what the server says instead; null when it says nothing. */
  async function next(): Promise<Msg | null> {
    const arrived = early.shift();
    if (arrived) return arrived;
    const { promise, resolve } = Promise.withResolvers<Msg | null>();
    receive = resolve;
    const timer = setTimeout(() => resolve(null), expiresMs + graceMs);
    const request = JSON.stringify({ batch: 1, expires: nanos(expiresMs) });
    nats.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`, request, { reply: inbox });
    const message = await promise;
    receive = null;
    clearTimeout(timer);
    return message;
  }

  async function deliver(message: Msg): Promise<void> {
    const beat = setInterval(() => answer(message, '+WPI'), beatMs);
    try {
      await handle(message.string());
      answer(message, '+ACK');
    } catch (error) {
      const deliveries = deliveriesOf(message);
      const waitMs = Math.min(firstNakMs * 2 ** (deliveries - 1), longestNakMs);
      logger.warn({ err: error, consumer: durable, deliveries }, 'an event is not handled; it is told again');
      answer(message, `-NAK ${JSON.stringify({ delay: nanos(waitMs) })}`);
    } finally {
      clearInterval(beat);
    }
  }

  async function step(): Promise<void> {
    if (!connected()) {
      await delay(retryMs);
      return;
    }
    const message = await next();
    if (message === null) return;
    if (isEvent(message)) {
      await (stopping ? answer(message, '-NAK') : deliver(message));
      return;
    }
    // 408: nothing happened meanwhile. Anything else: the consumer, or its leader, is not there now.
    if (message.headers?.code === 408) return;
    await delay(retryMs);
    await ensure();
  }

  async function run(): Promise<void> {
    while (!stopping && !nats.isClosed()) {
      try {
        await step();
      } catch (error) {
        if (stopping || nats.isClosed()) return;
        logger.warn({ err: error, consumer: durable }, 'a consumer cannot be asked; it is tried again');
        await delay(retryMs);
      }
    }
  }
  const running = run();

  return {
    askAnew: () => receive?.(null),
    async stop() {
      stopping = true;
      receive?.(null);
      await running;
      for (const message of early.splice(0)) answer(message, '-NAK');
      // What the server still has for it goes back to it at once.
      setTimeout(() => subscription.unsubscribe(), expiresMs + graceMs).unref();
    },
  };
}
