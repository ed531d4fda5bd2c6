import { type ExpressionBuilder, type Kysely, sql, type Transaction } from 'kysely';
import type { UserTables } from './tables.ts';

/** Rows over which the total is spread, so that creates at the same time seldom wait for each other. */
const shards = 64;

/**
 * Counts an account that came into the list or left it. The last statement of its transaction: who holds a
 * row of the totals waits for nothing any more, so nobody waits for that row longer than a commit takes.
 */
export async function addToTotal(
  tx: Transaction<UserTables>,
  accountId: number,
  change: 1 | -1,
): Promise<void> {
  await tx
    .insertInto('account_totals')
    .values({ shard: accountId % shards, accounts: change })
    .onConflict((conflict) =>
      conflict.column('shard').doUpdateSet(({ eb, ref }) => ({
        accounts: eb('account_totals.accounts', '+', ref('excluded.accounts')),
      })),
    )
    .execute();
}

/** How many accounts are listed, in one row. */
export const totalOf = (db: Pick<ExpressionBuilder<UserTables, never>, 'selectFrom'> | Kysely<UserTables>) =>
  db
    .selectFrom('account_totals')
    .select(({ fn }) => sql<number>`coalesce(${fn.sum('accounts')}, 0)::bigint`.as('total'));

/** How many accounts are listed: as exact as the transaction's view of them. */
export async function readTotal(db: Kysely<UserTables>): Promise<number> {
  return (await totalOf(db).executeTakeFirstOrThrow()).total;
}
