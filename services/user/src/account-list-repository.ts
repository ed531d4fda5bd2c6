import type { Account, AccountStatus } from '@vestibule/shared/contracts/account';
import { fixedQuery } from '@vestibule/shared/database/fixed-query';
import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import { nicknameColumn, type RecordRow, recordColumns, recordOf } from './account-record.ts';
import { readTotal, totalOf } from './account-totals.ts';
import type { UserTables } from './tables.ts';

type Page = { total: number; accounts: Account[] };

/** So many rows are skipped as soon as it is known from which end they are fewer. */
const fewRows = 1000;

/** What a row of the answer is where the page has no account. */
type NoRecord = { [Column in keyof RecordRow]: null };

/** Ids of the list, from one of its ends. */
function idsFrom(
  db: Pick<ExpressionBuilder<UserTables, never>, 'selectFrom'>,
  direction: 'asc' | 'desc',
  { skip, take }: { skip: number; take: number },
) {
  return (
    db
      .selectFrom('accounts')
      .select('accounts.id')
      // A literal, because the index holds for `status <> 'deleted'` and not for any parameter.
      .where('accounts.status', '<>', sql.lit<AccountStatus>('deleted'))
      .orderBy('accounts.created_at', direction)
      .orderBy('accounts.id', direction)
      .limit(take)
      .offset(skip)
  );
}

/** The total beside each of the accounts that come after some, from the newest on; beside none where there are none. */
function pageFromNewest(db: Kysely<UserTables>, given: { skip: number; take: number }) {
  return (
    db
      .selectFrom((from) => totalOf(from).as('totals'))
      .leftJoin(
        (from) => idsFrom(from, 'desc', given).as('newest'),
        (join) => join.onTrue(),
      )
      .leftJoinLateral(
        (lateral) =>
          lateral
            .selectFrom('accounts')
            .select(recordColumns)
            .select(nicknameColumn)
            .whereRef('accounts.id', '=', 'newest.id')
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
  const readFromNewest = fixedQuery(db, (given: { skip: number; take: number }) => pageFromNewest(db, given));

  /** One statement, so that the total and the rows are of one moment. */
  async function shallowPage(skip: number, take: number): Promise<Page> {
    const rows = await readFromNewest({ skip, take });
    return {
      total: rows[0]?.total ?? 0,
      accounts: rows.flatMap((row) => (row.id === null ? [] : [recordOf(row).account])),
    };
  }

  /** From the nearer end, which wants one view of the total and of the rows. */
  function deepPage(offset: number, perPage: number): Promise<Page> {
    const view = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
    return view.execute(async (tx) => {
      const total = await readTotal(tx);
      const take = Math.min(perPage, total - offset);
      if (take <= 0) return { total, accounts: [] };
      const after = total - offset - take;
      const direction = after < offset ? 'asc' : 'desc';
      const rows = await tx
        .selectFrom('accounts')
        .select(recordColumns)
        .select(nicknameColumn)
        .where('accounts.id', 'in', (expression) =>
          idsFrom(expression, direction, { skip: Math.min(offset, after), take }),
        )
        .orderBy('accounts.created_at', 'desc')
        .orderBy('accounts.id', 'desc')
        .execute();
      return { total, accounts: rows.map((row) => recordOf(row).account) };
    });
  }

  return {
    /**
     * The rows to skip are walked in the index alone, and from its nearer end: so the last page costs what the
     * first does.
     */
    page: (offset: number, perPage: number): Promise<Page> =>
      offset <= fewRows ? shallowPage(offset, perPage) : deepPage(offset, perPage),
  };
}
export type AccountListRepository = ReturnType<typeof createAccountListRepository>;
