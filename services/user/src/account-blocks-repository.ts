import type { AccountStatus } from '@vestibule/shared/contracts/account';
import { type ExpressionBuilder, type Kysely, sql, type Transaction } from 'kysely';
import type { UserTables } from './tables.ts';

/** Accounts in a block when it is closed: about as costly to walk as the blocks of a million accounts are to sum. */
const usualSize = 2000;

/** Listed accounts from the first key of `block` on, a table of the query around this one; the oldest first. */
export function listedFromBlock(db: Pick<ExpressionBuilder<UserTables, never>, 'selectFrom'>) {
  return (
    db
      .selectFrom('accounts')
      .select(['accounts.created_at', 'accounts.id'])
      // A literal, because the index holds for `status <> 'deleted'` and not for any parameter.
      .where('accounts.status', '<>', sql.lit<AccountStatus>('deleted'))
      .where(sql<boolean>`(accounts.created_at, accounts.id) >= (block.from_created_at, block.from_id)`)
      .orderBy('accounts.created_at')
      .orderBy('accounts.id')
  );
}

/** Whoever takes an account of the open block out of the list waits until the end of the transaction, or has committed. */
async function lockOpenBlock(tx: Transaction<UserTables>): Promise<boolean> {
  const open = await tx
    .selectFrom('account_blocks')
    .select('count')
    .where('count', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  return open !== undefined;
}

/** Closes the open block before the account that comes after the first `size`, if one does that is an hour old. */
async function closeOpenBlock(tx: Transaction<UserTables>, size: number): Promise<boolean> {
  const opened = await tx
    .with('following', (db) =>
      db
        .selectFrom('account_blocks as block')
        .innerJoinLateral(
          (lateral) =>
            listedFromBlock(lateral)
              .where('accounts.created_at', '<', sql<Date>`now() - interval '1 hour'`)
              .offset(sql.lit(size))
              .limit(sql.lit(1))
              .as('account'),
          (join) => join.onTrue(),
        )
        .where('block.count', 'is', null)
        .select(['account.created_at', 'account.id']),
    )
    .with('closed', (db) =>
      db
        .updateTable('account_blocks')
        .set({ count: size })
        .where('count', 'is', null)
        .where(({ exists, selectFrom }) => exists(selectFrom('following').select('following.id'))),
    )
    .insertInto('account_blocks')
    .columns(['from_created_at', 'from_id'])
    .expression((db) => db.selectFrom('following').select(['following.created_at', 'following.id']))
    .returning('from_id')
    .executeTakeFirst();
  return opened !== undefined;
}

/**
 * All SQL that closes blocks. A block covers the accounts from its first key, the time and id of one, to the next block's;
 * the last block is open. Triggers of the migration keep the count of a closed one.
 */
export function createAccountBlocksRepository({
  db,
  size = usualSize,
}: {
  db: Kysely<UserTables>;
  size?: number;
}) {
  return {
    /**
     * Closes the open block where it has enough accounts, and opens the next one; answers whether it did. Accounts
     * get into a closed one when they are an hour old. One that is younger than half an hour when it is made is not
     * counted then, and no transaction lasts for the other half.
     */
    closeNext(): Promise<boolean> {
      // Each statement sees what was committed before it: the second one all that the lock has waited for.
      const closing = db.transaction().setIsolationLevel('read committed');
      // No open block: another replica has closed it while this one waited.
      return closing.execute(async (tx) => (await lockOpenBlock(tx)) && closeOpenBlock(tx, size));
    },
  };
}
export type AccountBlocksRepository = ReturnType<typeof createAccountBlocksRepository>;
