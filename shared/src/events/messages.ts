import { createHash } from 'node:crypto';
import type { EventKind } from '../contracts/event.ts';

/** What one message carries at most; one event alone may be longer. */
const mostEvents = 64;
const mostBytes = 256 * 1024;

/** An event as it is sent. */
export type Packable = { id: string; kind: EventKind; key: string; text: string };
export type Message<E extends Packable = Packable> = { kind: EventKind; events: readonly E[] };

/**
 * Puts events of one part into messages, each of one kind: published one after the other they hold those of each key in
 * the order in which they were given. `atMost` is how many events a message may carry.
 */
export function messagesOf<E extends Packable>(given: readonly E[], atMost = mostEvents): Message<E>[] {
  const messages: { kind: EventKind; events: E[]; bytes: number }[] = [];
  /** The place of the message that a kind, or a key, is in last. */
  const lastOfKind = new Map<EventKind, number>();
  const lastOfKey = new Map<string, number>();
  for (const event of given) {
    const { kind, key, text } = event;
    // The comma behind it, or a bracket.
    const bytes = Buffer.byteLength(text) + 1;
    const open = lastOfKind.get(kind) ?? -1;
    const message = messages[open];
    const isFull =
      message !== undefined && (message.events.length >= atMost || message.bytes + bytes > mostBytes);
    const isOvertaken = (lastOfKey.get(key) ?? open) > open;
    if (message === undefined || isFull || isOvertaken) {
      lastOfKind.set(kind, messages.length);
      lastOfKey.set(key, messages.length);
      messages.push({ kind, events: [event], bytes: bytes + 1 });
    } else {
      lastOfKey.set(key, open);
      message.events.push(event);
      message.bytes += bytes;
    }
  }
  return messages.map(({ kind, events }) => ({ kind, events }));
}

/** A single event is sent as an object, several as an array of such. */
export function textOf({ events }: Message): string {
  const [first, ...others] = events;
  if (first !== undefined && others.length === 0) return first.text;
  return `[${events.map(({ text }) => text).join(',')}]`;
}

/** The same for the same events in the same order, and for no others. */
export function idOf({ events }: Message): string {
  const [first, ...others] = events;
  if (first !== undefined && others.length === 0) return first.id;
  return createHash('sha256')
    .update(events.map(({ id }) => id).join())
    .digest('hex');
}
