import type { Kysely, Transaction } from 'kysely';
import type { WithSeenEvents } from './tables.ts';

/**
 * Whether a consumer sees an event for the first time; then it is noted, in the transaction of what the consumer does
 * about it. Of two that handle the same event at once the second waits here for the end of the first.
 */
export async function firstSight<Tables extends WithSeenEvents>(
  tx: Transaction<Tables>,
  { consumer, eventId, at }: { consumer: string; eventId: string; at: Date },
): Promise<boolean> {
  const seenEvents = tx as unknown as Transaction<WithSeenEvents>; // Which other tables there are does not matter.
  const noted = await seenEvents
    .insertInto('seen_events')
    .values({ consumer, event_id: eventId, seen_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return noted.numInsertedOrUpdatedRows === 1n;
}

/** Forgets what was seen before a date: later than anything can be published again. Answers how much it was. */
export async function removeSeenBefore<Tables extends WithSeenEvents>(
  db: Kysely<Tables>,
  date: Date,
): Promise<number> {
  const seenEvents = db as unknown as Kysely<WithSeenEvents>; // Which other tables there are does not matter.
  const removed = await seenEvents.deleteFrom('seen_events').where('seen_at', '<', date).executeTakeFirst();
  return Number(removed.numDeletedRows);
}
