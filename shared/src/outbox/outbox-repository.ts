import { type Kysely, sql } from 'kysely';
import { anyOf } from '../database/any-of.ts';
import type { OutboxTable, WithOutbox } from './tables.ts';

type Tables = WithOutbox & { outbox_lease: { holder: string; until: Date } };

/** A row that waits. */
export type Waiting = Pick<OutboxTable, 'key' | 'event'> & { number: number };

/** All SQL on events that are to be published, besides writing them. */
export function createOutboxRepository<All extends WithOutbox>({ db: all }: { db: Kysely<All> }) {
  // The migration that makes `outbox` makes `outbox_lease` too; other tables do not matter here.
  const db = all as unknown as Kysely<Tables>;
  return {
    /**
     * If something waits and nobody else publishes: lets `holder` alone do so for the next `leaseMs`, by the clock of
     * the database. Asked again by the same holder it begins anew.
     */
    async lease(holder: string, leaseMs: number): Promise<boolean> {
      const leased = await db
        .updateTable('outbox_lease')
        .set({ holder, until: sql<Date>`clock_timestamp() + ${leaseMs} * interval '1 millisecond'` })
        .where(({ and, or, eb, exists }) =>
          and([
            or([eb('holder', '=', holder), eb('until', '<=', sql<Date>`clock_timestamp()`)]),
            exists(eb.selectFrom('outbox').select('number')),
          ]),
        )
        .executeTakeFirst();
      return leased.numUpdatedRows === 1n;
    },

    /** Lets others publish at once. */
    async release(holder: string): Promise<void> {
      await db
        .updateTable('outbox_lease')
        .set({ until: sql<Date>`'-infinity'` })
        .where('holder', '=', holder)
        .execute();
    },

    /** The oldest rows, those of some keys left out. */
    async waiting(except: readonly string[], limit: number): Promise<Waiting[]> {
      let query = db.selectFrom('outbox').select(['number', 'key', 'event']).orderBy('number').limit(limit);
      if (except.length > 0) query = query.where('key', '<>', sql<string>`all(${except}::text[])`);
      return query.execute();
    },

    /** How many wait, `most` at most. */
    async count(most: number): Promise<number> {
      const counted = await db
        .selectFrom((from) => from.selectFrom('outbox').select('number').limit(most).as('some'))
        .select(({ fn }) => fn.countAll<number>().as('waiting'))
        .executeTakeFirstOrThrow();
      return counted.waiting;
    },

    async remove(numbers: readonly number[]): Promise<void> {
      if (numbers.length > 0)
        await db.deleteFrom('outbox').where('number', '=', anyOf(numbers, 'bigint')).execute();
    },
  };
}
export type OutboxRepository = ReturnType<typeof createOutboxRepository>;
