import type { DomainEvent } from '../contracts/event.ts';
import { AppError } from '../errors.ts';
import { encodeEvent } from './event-text.ts';
import { type Events, meansAway, type Published } from './events.ts';
import { type Message, messagesOf, type Packable } from './messages.ts';

type Packed = Packable & { place: number };

const errorOf = (error: unknown) => (error instanceof AppError ? error : new AppError('internal', {}, error));

/**
 * How events are published, wherever to: those of one lane in messages that follow each other, lanes at the same time.
 * What fails keeps those of its keys waiting; when nothing gets through, everything.
 */
export function createPublisher({
  laneOf,
  lanesAtOnce,
  eventsAtOnce,
  send,
}: {
  /** All events of a key are in one lane. */
  laneOf: (event: DomainEvent) => string;
  lanesAtOnce: number;
  /** How many events a message may carry; as many as are usual unless it is told. */
  eventsAtOnce?: number;
  /** Resolves when the message cannot be lost any more; rejects with an AppError. */
  send: (message: Message, lane: string) => Promise<void>;
}): Events['publish'] {
  return async function publish(events, goesOn = () => true) {
    const published: Published[] = events.map(() => 'waits');
    const failedKeys = new Set<string>();
    let open = true;

    function pack(): Map<string, Packed[]> {
      const lanes = new Map<string, Packed[]>();
      const unfitKeys = new Set<string>();
      for (const [place, event] of events.entries()) {
        const { id, kind, key } = event;
        if (unfitKeys.has(key)) continue;
        try {
          const packed = { id, kind, key, place, text: encodeEvent(event) };
          const lane = laneOf(event);
          const others = lanes.get(lane);
          if (others === undefined) lanes.set(lane, [packed]);
          else others.push(packed);
        } catch (error) {
          // What comes before it goes all the same.
          published[place] = errorOf(error);
          unfitKeys.add(key);
        }
      }
      return lanes;
    }

    async function publishMessage({ kind, events: all }: Message<Packed>, lane: string): Promise<void> {
      const able = all.filter(({ key }) => !failedKeys.has(key));
      if (able.length === 0) return;
      try {
        await send({ kind, events: able }, lane);
        for (const { place } of able) published[place] = 'published';
      } catch (error) {
        const reason = errorOf(error);
        if (meansAway(reason)) open = false;
        for (const { place, key } of able) {
          // Of a key the first says why, the others wait for it.
          if (!failedKeys.has(key)) published[place] = reason;
          failedKeys.add(key);
        }
      }
    }

    const queue = [...pack()];
    async function work(): Promise<void> {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [lane, packed] = next;
        for (const message of messagesOf(packed, eventsAtOnce)) {
          if (!open || !goesOn()) return;
          await publishMessage(message, lane);
        }
      }
    }
    await Promise.all(Array.from({ length: lanesAtOnce }, work));
    return published;
  };
}
