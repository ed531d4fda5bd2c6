import type { Transaction } from 'kysely';
import type { CallContext } from '../call-context.ts';
import type { EventData, EventKind } from '../contracts/event.ts';
import type { WithOutbox } from './tables.ts';

/** An event before it has its id, time and actor. */
export type NewEvent = { [K in EventKind]: { kind: K; key: string; data: EventData<K> } }[EventKind];

/** Who an event is of, and in which request; of the platform itself where it has no caller. */
export type EventSource = Pick<CallContext, 'requestId' | 'caller' | 'address'>;

/** Writes events beside the change that they tell of. */
export type Outbox<Tables extends WithOutbox> = {
  /** In the transaction of the change: committed with it, or not at all. */
  add(tx: Transaction<Tables>, events: readonly NewEvent[], source: EventSource): Promise<void>;
  /**
   * For who writes the row itself, in one statement with the change: the event of the row as JSON, of which the row's
   * key is the field `key`. Fails with `contract-violated`.
   */
  encode(event: NewEvent, source: EventSource): string;
  /** After the commit: what waits is published now and not at the next look. Never rejects, waits for nothing. */
  wake(): void;
};
