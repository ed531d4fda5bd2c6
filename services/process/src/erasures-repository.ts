import { type Kysely, sql } from 'kysely';
import type { ProcessTransaction } from './moves-repository.ts';
import type { ProcessTables } from './tables.ts';

const finished = sql<boolean>`instances.status in ('completed', 'cancelled')`;
const running = sql<boolean>`instances.status = 'running'`;
/** The entry has what somebody wrote: the form that completed a task, or a comment. */
const written = sql<boolean>`(details -> 'form' is not null or details -> 'text' is not null)`;
const nothing = JSON.stringify({});

/** What an account wrote, in the history of instances that are so. */
const entriesOf = (tx: ProcessTransaction, accountId: number, so: typeof finished) =>
  tx
    .selectFrom('history')
    .innerJoin('instances', 'instances.id', 'history.instance_id')
    .where('actor_id', '=', accountId)
    .where(written)
    .where(so);

/** All SQL that erases what accounts wrote in processes. */
export function createErasuresRepository({ db }: { db: Kysely<ProcessTables> }) {
  return {
    transaction: <T>(work: (tx: ProcessTransaction) => Promise<T>): Promise<T> =>
      db.transaction().execute(work),

    /** Has an account looked at; again or not for the first time is all the same. */
    async order(accountId: number, at: Date): Promise<void> {
      await db
        .insertInto('erasures')
        .values({ account_id: accountId, next_look_at: at })
        .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ next_look_at: at }))
        .execute();
    },

    /** The account that is to be looked at first, without those that another replica is at; null: none by then. */
    async takeDue(tx: ProcessTransaction, now: Date): Promise<number | null> {
      const row = await tx
        .selectFrom('erasures')
        .select('account_id')
        .where('next_look_at', '<=', now)
        .orderBy('next_look_at')
        .limit(1)
        .forUpdate()
        .skipLocked()
        .executeTakeFirst();
      return row?.account_id ?? null;
    },

    /** Whether something that the account wrote stands in an instance that runs. */
    async hasRunning(tx: ProcessTransaction, accountId: number): Promise<boolean> {
      const applied = await tx
        .selectFrom('instances')
        .select('id')
        .where('applicant_id', '=', accountId)
        .where(running)
        .limit(1)
        .executeTakeFirst();
      const wrote = await entriesOf(tx, accountId, running).select('number').limit(1).executeTakeFirst();
      return applied !== undefined || wrote !== undefined;
    },

    /** Empties up to `limit` forms with which the account applied for what is finished; answers how many. */
    async eraseForms(tx: ProcessTransaction, accountId: number, limit: number): Promise<number> {
      const erased = await tx
        .updateTable('instances')
        .set({ form: nothing })
        .where('id', 'in', (expression) =>
          expression
            .selectFrom('instances')
            .select('id')
            .where('applicant_id', '=', accountId)
            .where(finished)
            .where('form', '<>', nothing)
            .orderBy('id')
            .limit(limit)
            .forUpdate(),
        )
        .executeTakeFirst();
      return Number(erased.numUpdatedRows);
    },

    /** Empties up to `limit` entries that the account wrote in what is finished; answers how many. */
    async eraseEntries(tx: ProcessTransaction, accountId: number, limit: number): Promise<number> {
      const rows = await entriesOf(tx, accountId, finished)
        .select(['history.instance_id', 'history.number'])
        .limit(limit)
        .execute();
      for (const { instance_id, number } of rows) {
        await tx
          .updateTable('history')
          .set({ details: nothing })
          .where('instance_id', '=', instance_id)
          .where('number', '=', number)
          .execute();
      }
      return rows.length;
    },

    /** Forgets the first answers to what the account asked for; they hold its forms. */
    async removeRepeats(tx: ProcessTransaction, accountId: number): Promise<void> {
      await tx.deleteFrom('idempotency_keys').where('account_id', '=', accountId).execute();
    },

    async lookAgain(tx: ProcessTransaction, accountId: number, at: Date): Promise<void> {
      await tx
        .updateTable('erasures')
        .set({ next_look_at: at })
        .where('account_id', '=', accountId)
        .execute();
    },

    async done(tx: ProcessTransaction, accountId: number): Promise<void> {
      await tx.deleteFrom('erasures').where('account_id', '=', accountId).execute();
    },
  };
}
export type ErasuresRepository = ReturnType<typeof createErasuresRepository>;
