import type { Kysely, Transaction } from 'kysely';
import type { UserTables } from './tables.ts';

/** The searches of an account, newest first. */
export async function entriesOf(db: Kysely<UserTables>, accountId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('search_history')
    .select('entry')
    .where('account_id', '=', accountId)
    .orderBy('seq', 'desc')
    .execute();
  return rows.map(({ entry }) => entry);
}

async function putInFront(tx: Transaction<UserTables>, accountId: number, entry: string): Promise<void> {
  const { newest } = await tx
    .selectFrom('search_history')
    .select(({ fn, val }) => fn.coalesce(fn.max('seq'), val(0)).as('newest'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  const seq = newest + 1;
  await tx
    .insertInto('search_history')
    .values({ account_id: accountId, entry, seq })
    .onConflict((conflict) => conflict.columns(['account_id', 'entry']).doUpdateSet({ seq }))
    .execute();
}

async function dropOlder(tx: Transaction<UserTables>, accountId: number, length: number): Promise<void> {
  await tx
    .deleteFrom('search_history')
    .where('account_id', '=', accountId)
    .where('entry', 'in', (expression) =>
      expression
        .selectFrom('search_history')
        .select('entry')
        .where('account_id', '=', accountId)
        .orderBy('seq', 'desc')
        .offset(length),
    )
    .execute();
}

/** All SQL on search histories. */
export function createHistoryRepository({ db }: { db: Kysely<UserTables> }) {
  return {
    /** Adds an entry, drops what is over `length`, and answers the whole; null when there is no account, or a deleted one. */
    add(accountId: number, entry: string, length: number): Promise<string[] | null> {
      return db.transaction().execute(async (tx) => {
        // One add after the other, so that the order and the length hold.
        const account = await tx
          .selectFrom('accounts')
          .select('id')
          .where('id', '=', accountId)
          .where('status', '<>', 'deleted')
          .forUpdate()
          .executeTakeFirst();
        if (!account) return null;
        await putInFront(tx, accountId, entry);
        await dropOlder(tx, accountId, length);
        return entriesOf(tx, accountId);
      });
    },

    get: (accountId: number): Promise<string[]> => entriesOf(db, accountId),

    async clear(accountId: number): Promise<void> {
      await db.deleteFrom('search_history').where('account_id', '=', accountId).execute();
    },
  };
}
export type HistoryRepository = ReturnType<typeof createHistoryRepository>;
