import type { EventKind } from '../contracts/event.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Consumer, Events } from './events.ts';
import { type Message, textOf } from './messages.ts';
import { createPublisher } from './publisher.ts';
import { tell } from './telling.ts';

/** Keys whose events are told at the same time, at most. */
const lanesAtOnce = 32;

/** All replicas of one name. */
type Group = {
  wants(kind: EventKind): boolean;
  /** Whose turn it is stands first; empty while none of them runs. */
  handlers: ((text: string) => Promise<void>)[];
  /** By key, what the next event of it has to wait for. */
  last: Map<string, Promise<unknown>>;
};

/**
 * Events inside one process. They are serialised and checked as a stream's are. An event is published when each
 * consumer has handled it; when one rejects it fails with `internal`, and whoever publishes it again tells all of them
 * again. It is `unavailable` until `start`, and when a consumer that was there has left: the process is ending.
 */
export function memoryEvents({ logger }: { logger: Logger }): Events {
  const groups = new Map<string, Group>();
  const underWay = new Set<Promise<unknown>>();
  let open = true;
  let started = false;

  async function tellGroup(name: string, group: Group, key: string, text: string): Promise<void> {
    const before = group.last.get(key);
    const told = (async () => {
      await before?.catch(() => undefined);
      const handler = group.handlers.shift();
      if (handler === undefined) return false;
      group.handlers.push(handler);
      await handler(text);
      return true;
    })();
    group.last.set(key, told);
    underWay.add(told);
    const somebody = await told
      .catch((error: unknown) => {
        logger.warn({ err: error, consumer: name, key }, 'an event is not handled');
        throw new AppError('internal', {}, error);
      })
      .finally(() => {
        underWay.delete(told);
        if (group.last.get(key) === told) group.last.delete(key);
      });
    if (!somebody) throw new AppError('unavailable');
  }

  async function tellAll(message: Message, key: string): Promise<void> {
    const concerned = [...groups].filter(([, group]) => group.wants(message.kind));
    const away = concerned.some(([, { handlers }]) => handlers.length === 0);
    if (!open || !started || away) throw new AppError('unavailable');
    const text = textOf(message);
    const results = await Promise.allSettled(
      concerned.map(([name, group]) => tellGroup(name, group, key, text)),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  return {
    // One event alone fails, and holds up its key and no other.
    publish: createPublisher({ laneOf: ({ key }) => key, lanesAtOnce, eventsAtOnce: 1, send: tellAll }),

    async consume<K extends EventKind>(consumer: Consumer<K>) {
      const { name, kinds } = consumer;
      if (!open) throw new AppError('unavailable');
      const group: Group = groups.get(name) ?? { wants: () => false, handlers: [], last: new Map() };
      groups.set(name, group);
      group.wants = (kind) => kinds.some((wanted) => wanted === kind);
      const own = new Set<Promise<void>>();
      const handler = async (text: string) => {
        const handled = tell(consumer, text);
        own.add(handled);
        await handled.finally(() => own.delete(handled));
      };
      group.handlers.push(handler);
      return {
        async stop() {
          group.handlers = group.handlers.filter((other) => other !== handler);
          await Promise.allSettled(own);
        },
      };
    },
    start() {
      started = true;
    },
    async close() {
      open = false;
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}
