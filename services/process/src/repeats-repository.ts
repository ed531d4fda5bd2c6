import type { Kysely, Selectable } from 'kysely';
import type { IdempotencyKeysTable, ProcessTables } from './tables.ts';

/** A key of an account. */
export type RepeatKey = Pick<IdempotencyKeysTable, 'account_id' | 'key'>;

/** All SQL on the keys by which clients repeat a start, besides taking one, which is part of the start. */
export function createRepeatsRepository({ db }: { db: Kysely<ProcessTables> }) {
  return {
    /** What the key was used for; null: it is free at that time. */
    async find({ account_id, key }: RepeatKey, at: Date): Promise<Selectable<IdempotencyKeysTable> | null> {
      const row = await db
        .selectFrom('idempotency_keys')
        .selectAll()
        .where('account_id', '=', account_id)
        .where('key', '=', key)
        .where('expires_at', '>', at)
        .executeTakeFirst();
      return row ?? null;
    },

    async removeExpired(at: Date): Promise<void> {
      await db.deleteFrom('idempotency_keys').where('expires_at', '<=', at).execute();
    },
  };
}
export type RepeatsRepository = ReturnType<typeof createRepeatsRepository>;
