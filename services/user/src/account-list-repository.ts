import type { Account, AccountStatus } from '@vestibule/shared/contracts/account';
import { fixedQuery } from '@vestibule/shared/database/fixed-query';
import { type ExpressionBuilder, type Kysely, type RawBuilder, sql } from 'kysely';
import { nicknameColumn, type RecordRow, recordColumns, recordOf } from './account-record.ts';
import { totalOf } from './account-totals.ts';
import type { UserTables } from './tables.ts';

type WithTotals = UserTables & { totals: { total: number } };

/** What a row of the answer is where the page has no account. */
type NoRecord = { [Column in keyof RecordRow]: null };

/** Ids of the list, from one of its ends; a literal, because the index holds for `status <> 'deleted'` and not for any parameter. */
function idsFrom(
  db: ExpressionBuilder<WithTotals, 'totals'>,
  direction: 'asc' | 'desc',
  { skip, take }: { skip: RawBuilder<number>; take: RawBuilder<number> },
) {
  return db
    .selectFrom('accounts')
    .select('accounts.id')
    .where('accounts.status', '<>', sql.lit<AccountStatus>('deleted'))
    .orderBy('accounts.created_at', direction)
    .orderBy('accounts.id', direction)
    .limit(take)
    .offset(skip);
}

/** A page, by the accounts that come before it and those that it has at most. */
function pageOf(db: Kysely<UserTables>, { start, most }: { start: number; most: number }) {
  const before = sql<number>`${start}::bigint`;
  const here = sql<number>`greatest(least(${most}::bigint, totals.total - ${before}), 0)`;
  const after = sql<number>`(totals.total - ${before} - ${here})`;
  const fromNewest = {
    skip: before,
    take: sql<number>`case when ${after} >= ${before} then ${here} else 0 end`,
  };
  const fromOldest = {
    skip: sql<number>`greatest(${after}, 0)`,
    take: sql<number>`case when ${after} < ${before} then ${here} else 0 end`,
  };
  return (
    db
      .selectFrom((from) => totalOf(from).as('totals'))
      .leftJoinLateral(
        (lateral) => idsFrom(lateral, 'desc', fromNewest).as('newest'),
        (join) => join.onTrue(),
      )
      .leftJoinLateral(
        (lateral) => idsFrom(lateral, 'asc', fromOldest).as('oldest'),
        (join) => join.onTrue(),
      )
      .leftJoinLateral(
        (lateral) =>
          lateral
            .selectFrom('accounts')
            .select(recordColumns)
            .select(nicknameColumn)
            .where('accounts.id', '=', ({ fn }) => fn.coalesce('newest.id', 'oldest.id'))
            // One by one, however many the planner thinks that they are.
            .limit(1)
            .as('listed'),
        (join) => join.onTrue(),
      )
      .select('totals.total')
      .selectAll('listed')
      .orderBy('listed.createdAt', 'desc')
      .orderBy('listed.id', 'desc')
      // Of an outer join's columns Kysely does not know that they are null together.
      .$castTo<{ total: number } & (RecordRow | NoRecord)>()
  );
}

/** All SQL of the list of accounts: those that are not deleted, newest first. */
export function createAccountListRepository({ db }: { db: Kysely<UserTables> }) {
  const read = fixedQuery(db, (given: { start: number; most: number }) => pageOf(db, given));
  return {
    /**
     * One statement, so that the total and the rows are of one moment. The rows to skip are walked in the index
     * alone, and from its nearer end: so the last page costs what the first does.
     */
    async page(start: number, perPage: number): Promise<{ total: number; accounts: Account[] }> {
      const rows = await read({ start: Math.min(start, Number.MAX_SAFE_INTEGER), most: perPage });
      return {
        total: rows[0]?.total ?? 0,
        accounts: rows.flatMap((row) => (row.id === null ? [] : [recordOf(row).account])),
      };
    },
  };
}
export type AccountListRepository = ReturnType<typeof createAccountListRepository>;
