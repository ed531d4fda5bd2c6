import type { Account, AccountStatus } from '@vestibule/shared/contracts/account';
import { type Kysely, sql } from 'kysely';
import { nicknameColumn, recordColumns, recordOf } from './account-record.ts';
import { readTotal } from './account-totals.ts';
import type { UserTables } from './tables.ts';

/** All SQL of the list of accounts: those that are not deleted, newest first. */
export function createAccountListRepository({ db }: { db: Kysely<UserTables> }) {
  return {
    /**
     * The rows to skip are walked in the index alone, and from its nearer end: so the last page costs what
     * the first does. That needs one view of the total and of the rows.
     */
    page(offset: number, perPage: number): Promise<{ total: number; accounts: Account[] }> {
      const view = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
      return view.execute(async (tx) => {
        const total = await readTotal(tx);
        const limit = Math.min(perPage, total - offset);
        if (limit <= 0) return { total, accounts: [] };
        const after = total - offset - limit;
        const direction = after < offset ? 'asc' : 'desc';
        const rows = await tx
          .selectFrom('accounts')
          .select(recordColumns)
          .select(nicknameColumn)
          .where('accounts.id', 'in', (expression) =>
            expression
              .selectFrom('accounts')
              .select('id')
              // A literal, because the index holds for `status <> 'deleted'` and not for any parameter.
              .where('status', '<>', sql.lit<AccountStatus>('deleted'))
              .orderBy('created_at', direction)
              .orderBy('id', direction)
              .limit(limit)
              .offset(Math.min(offset, after)),
          )
          .orderBy('accounts.created_at', 'desc')
          .orderBy('accounts.id', 'desc')
          .execute();
        return { total, accounts: rows.map((row) => recordOf(row).account) };
      });
    },
  };
}
export type AccountListRepository = ReturnType<typeof createAccountListRepository>;
