import { type Kysely, sql } from 'kysely';
import { anyOf } from '../database/any-of.ts';
import type { OutboxTable, WithOutbox } from './tables.ts';

type Tables = WithOutbox & { outbox_lease: { holder: string; until: Date } };

/** A row that waits. */
export type Waiting = Pick<OutboxTable, 'key' | 'event'> & { number: number };

/** What was published since the last rows, and which are wanted. */
export type Taking = {
  published: readonly number[];
  /** Keys that wait for their next try. */
  except: readonly string[];
  leaseMs: number;
  limit: number;
};

/** All SQL on events that are to be published, besides writing them. */
export function createOutboxRepository<All extends WithOutbox>({ db: all }: { db: Kysely<All> }) {
  // The migration that makes `outbox` makes `outbox_lease` too; other tables do not matter here.
  const db = all as unknown as Kysely<Tables>;
  return {
    /**
     * Removes what was published. If something else waits and nobody else publishes, lets `holder` alone do so for the
     * next `leaseMs`, by the clock of the database, and answers the oldest rows, those of some keys left out; else
     * null. Asked again by the same holder it begins anew.
     */
    async take(holder: string, { published, except, leaseMs, limit }: Taking): Promise<Waiting[] | null> {
      const waits = sql<boolean>`number <> all(${published}::bigint[])`;
      const rows = await db
        .with('removed', (query) =>
          query.deleteFrom('outbox').where('number', '=', anyOf(published, 'bigint')),
        )
        .with('leased', (query) =>
          query
            .updateTable('outbox_lease')
            .set({ holder, until: sql<Date>`clock_timestamp() + ${leaseMs} * interval '1 millisecond'` })
            .where(({ and, or, eb, exists }) =>
              and([
                or([eb('holder', '=', holder), eb('until', '<=', sql<Date>`clock_timestamp()`)]),
                exists(eb.selectFrom('outbox').select('number').where(waits)),
              ]),
            )
            .returning('holder'),
        )
        .selectFrom('leased')
        .leftJoinLateral(
          (query) =>
            query
              .selectFrom('outbox')
              .select(['number', 'key', 'event'])
              .where(waits)
              .where('key', '<>', sql<string>`all(${except}::text[])`)
              .orderBy('number')
              .limit(limit)
              .as('waiting'),
          (join) => join.onTrue(),
        )
        .select(['waiting.number', 'waiting.key', 'waiting.event'])
        .orderBy('waiting.number')
        .execute();
      if (rows.length === 0) return null;
      return rows.flatMap(({ number, key, event }) =>
        number === null || key === null ? [] : [{ number, key, event }],
      );
    },

    /** Removes what was published, and lets others publish at once. */
    async release(holder: string, published: readonly number[]): Promise<void> {
      await db
        .with('removed', (query) =>
          query.deleteFrom('outbox').where('number', '=', anyOf(published, 'bigint')),
        )
        .updateTable('outbox_lease')
        .set({ until: sql<Date>`'-infinity'` })
        .where('holder', '=', holder)
        .execute();
    },

    /** How many wait, `most` at most. */
    async count(most: number): Promise<number> {
      const counted = await db
        .selectFrom((from) => from.selectFrom('outbox').select('number').limit(most).as('some'))
        .select(({ fn }) => fn.countAll<number>().as('waiting'))
        .executeTakeFirstOrThrow();
      return counted.waiting;
    },
  };
}
export type OutboxRepository = ReturnType<typeof createOutboxRepository>;
