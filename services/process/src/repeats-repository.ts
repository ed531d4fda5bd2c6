import type { Instance } from '@vestibule/shared/contracts/process';
import type { Insertable, Kysely, Selectable } from 'kysely';
import type { ProcessTransaction } from './moves-repository.ts';
import type { IdempotencyKeysTable, ProcessTables } from './tables.ts';

/** A key of an account. */
export type RepeatKey = Pick<IdempotencyKeysTable, 'account_id' | 'key'>;

/** All SQL on the keys by which clients repeat a start. */
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

    /**
     * Takes the key unless it is in use at that time. Waits for the end of whoever takes the same key; answers
     * whether it was free.
     */
    async take(tx: ProcessTransaction, use: Insertable<IdempotencyKeysTable>, at: Date): Promise<boolean> {
      const row = await tx
        .insertInto('idempotency_keys')
        .values(use)
        .onConflict((conflict) =>
          conflict
            .columns(['account_id', 'key'])
            .doUpdateSet(({ ref }) => ({
              digest: ref('excluded.digest'),
              instance_id: ref('excluded.instance_id'),
              answer: null,
              expires_at: ref('excluded.expires_at'),
            }))
            .where('idempotency_keys.expires_at', '<=', at),
        )
        .returning('instance_id')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Keeps what the key's first use was answered with. */
    async keepAnswer({ account_id, key }: RepeatKey, answer: Instance): Promise<void> {
      await db
        .updateTable('idempotency_keys')
        .set({ answer: JSON.stringify(answer) })
        .where('account_id', '=', account_id)
        .where('key', '=', key)
        .where('instance_id', '=', answer.id)
        .execute();
    },

    async removeExpired(at: Date): Promise<void> {
      await db.deleteFrom('idempotency_keys').where('expires_at', '<=', at).execute();
    },
  };
}
export type RepeatsRepository = ReturnType<typeof createRepeatsRepository>;
