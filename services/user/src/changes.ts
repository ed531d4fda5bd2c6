import type { EventSource, NewEvent, Outbox } from '@vestibule/shared/outbox/outbox';
import type { Kysely, Transaction } from 'kysely';
import type { UserTables } from './tables.ts';

/** When something is changed, and in whose call. */
export type Occasion = { at: Date; source: EventSource };

/** Writes the events of what the transaction changes; before `addToTotal`, which wants to be the last. */
export type Tell = (events: readonly NewEvent[]) => Promise<void>;

/** Runs a transaction, which commits a change and its events or neither, and has the events published after it. */
export type Change = <Result>(
  { source }: Pick<Occasion, 'source'>,
  work: (tx: Transaction<UserTables>, tell: Tell) => Promise<Result>,
) => Promise<Result>;

export function createChange({ db, outbox }: { db: Kysely<UserTables>; outbox: Outbox<UserTables> }): Change {
  return async ({ source }, work) => {
    let told = false;
    const result = await db.transaction().execute((tx) =>
      work(tx, async (events) => {
        if (events.length === 0) return;
        await outbox.add(tx, events, source);
        told = true;
      }),
    );
    if (told) outbox.wake();
    return result;
  };
}
