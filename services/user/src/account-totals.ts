import { type Expression, type ExpressionBuilder, type Kysely, sql, type Transaction } from 'kysely';
import type { UserTables } from './tables.ts';

/** Rows over which the total is spread, so that creates at the same time seldom wait for each other. */
const shards = 64;

/** The row of the totals in which an account counts. */
export const shardOf = (accountId: Expression<number>) =>
  sql<number>`${accountId}::bigint % ${sql.lit(shards)}`;

/** What becomes of that row when there is one. */
export const raised = { accounts: sql<number>`account_totals.accounts + excluded.accounts` };

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
    .values({ shard: shardOf(sql.val(accountId)), accounts: change })
    .onConflict((conflict) => conflict.column('shard').doUpdateSet(raised))
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
