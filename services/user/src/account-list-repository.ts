import type { Account, AccountStatus } from '@vestibule/shared/contracts/account';
import { fixedQuery } from '@vestibule/shared/database/fixed-query';
import { type Expression, type ExpressionBuilder, type Kysely, sql } from 'kysely';
import { listedFromBlock } from './account-blocks-repository.ts';
import { nicknameColumn, type RecordRow, recordColumns, recordOf } from './account-record.ts';
import { readTotal, totalOf } from './account-totals.ts';
import type { Log } from './change-log.ts';
import type { UserTables } from './tables.ts';

type Page = { total: number; accounts: Account[] };

/** So many rows are skipped from the newest on, wherever else a page may begin. */
const usualFewRows = 1000;
/** Rows that are walked in blocks at most: closed ones have fewer, and the open one too but after a flood of accounts. */
const mostWalked = 10_000;

/** What a row of the answer is where the page has no account. */
type NoRecord = { [Column in keyof RecordRow]: null };

/** What a table of a query offers to the ones that are joined to it. */
type Builder = Pick<ExpressionBuilder<UserTables, never>, 'selectFrom'>;

/** Ids of the list, from one of its ends. */
function idsFrom(
  db: Builder,
  direction: 'asc' | 'desc',
  { skip, take }: Record<'skip' | 'take', number | Expression<number>>,
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

/** The account of `walked`, a table of the query around this one, with its nickname. */
const listedAccount = (db: Builder) =>
  db
    .selectFrom('accounts')
    .select(recordColumns)
    .select(nicknameColumn)
    .where('accounts.id', '=', sql<number>`walked.id`)
    // One by one, however many the planner thinks that they are.
    .limit(1);

/**
 * A number that the planner does not look at. Else it would find that a plan for this page costs less than one for any,
 * though it is the same, and make it anew each time, which takes longer than to answer.
 */
const unseen = (value: number) => sql<number>`(select ${value}::bigint)`;

/** The total beside each of the accounts that come after some, from the newest on; beside none where there are none. */
function pageFromNewest(db: Kysely<UserTables>, { skip, take }: { skip: number; take: number }) {
  return (
    db
      .selectFrom((from) => totalOf(from).as('totals'))
      .leftJoin(
        (from) => idsFrom(from, 'desc', { skip: unseen(skip), take: unseen(take) }).as('walked'),
        (join) => join.onTrue(),
      )
      .leftJoinLateral(
        (lateral) => listedAccount(lateral).as('listed'),
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

/** What a page in a block says beside its accounts; `before`: accounts in the blocks before that one, null where there is none. */
type Place = { total: number; take: number; older: number; counted: number; before: number | null };

/** The total and how many of it the closed blocks count; how many accounts the page has, and how many are older. */
const placeOf = (db: Builder, { offset, perPage }: { offset: number; perPage: number }) =>
  db
    .selectFrom(totalOf(db).as('totals'))
    .select([
      'totals.total',
      sql<number>`greatest(least(${perPage}, totals.total - ${offset}), 0)`.as('take'),
      sql<number>`greatest(totals.total - ${offset} - ${perPage}, 0)`.as('older'),
    ])
    .select(({ selectFrom }) =>
      selectFrom('account_blocks')
        .select(({ fn }) => sql<number>`coalesce(${fn.sum('account_blocks.count')}, 0)`.as('counted'))
        .as('counted'),
    );

/** The blocks, each with the number of accounts in those before it. */
const blocksOf = (db: Builder) =>
  db.selectFrom('account_blocks').select([
    'from_created_at',
    'from_id',
    sql<number>`coalesce(sum(count) over (order by from_created_at, from_id
        rows between unbounded preceding and 1 preceding), 0)`.as('before'),
  ]);

/** The page as above, walked from the first account of the block in which its oldest one is. */
function pageFromBlock(db: Kysely<UserTables>, given: { offset: number; perPage: number }) {
  return db
    .selectFrom((from) => placeOf(from, given).as('place'))
    .leftJoinLateral(
      (lateral) =>
        lateral
          .selectFrom(blocksOf(lateral).as('blocks'))
          .selectAll('blocks')
          .whereRef('blocks.before', '<=', 'place.older')
          .orderBy('blocks.before', 'desc')
          .limit(sql.lit(1))
          .as('block'),
      (join) => join.onTrue(),
    )
    .leftJoinLateral(
      (lateral) =>
        lateral
          .selectFrom(listedFromBlock(lateral).limit(sql.lit(mostWalked)).as('account'))
          .select('account.id')
          .orderBy('account.created_at')
          .orderBy('account.id')
          .limit(({ ref }) => ref('place.take'))
          .offset(sql<number>`place.older - block.before`)
          .as('walked'),
      (join) => join.onTrue(),
    )
    .leftJoinLateral(
      (lateral) => listedAccount(lateral).as('listed'),
      (join) => join.onTrue(),
    )
    .select(['place.total', 'place.take', 'place.older', 'place.counted', 'block.before'])
    .selectAll('listed')
    .orderBy('listed.createdAt', 'desc')
    .orderBy('listed.id', 'desc')
    .$castTo<Place & (RecordRow | NoRecord)>();
}

const accountsOf = (rows: readonly (RecordRow | NoRecord)[]): Account[] =>
  rows.flatMap((row) => (row.id === null ? [] : [recordOf(row).account]));

/** All SQL of the list of accounts: those that are not deleted, newest first. */
export function createAccountListRepository({
  db,
  logger,
  fewRows = usualFewRows,
}: {
  db: Kysely<UserTables>;
  logger: Log;
  fewRows?: number;
}) {
  const readFromNewest = fixedQuery(db, (given: { skip: number; take: number }) => pageFromNewest(db, given));
  const readFromBlock = fixedQuery(db, (given: { offset: number; perPage: number }) =>
    pageFromBlock(db, given),
  );

  /** One statement, so that the total and the rows are of one moment. */
  async function shallowPage(skip: number, take: number): Promise<Page> {
    const rows = await readFromNewest({ skip, take });
    return { total: rows[0]?.total ?? 0, accounts: accountsOf(rows) };
  }

  /** One statement, too; null where it is far from the beginning of a block, or where the blocks are wrong. */
  async function pageInBlock(offset: number, perPage: number): Promise<Page | null> {
    const rows = await readFromBlock({ offset, perPage });
    const [place] = rows;
    if (place === undefined) return null;
    const { total, take, older, before, counted } = place;
    const accounts = accountsOf(rows);
    const agreed = before !== null && counted <= total;
    if (agreed && accounts.length === take) return { total, accounts };
    if (!agreed || older - before + take <= mostWalked) {
      logger.warn({ total, counted, older, before }, 'the blocks of accounts are counted wrongly');
    }
    return null;
  }

  /** From the nearer end, which wants one view of the total and of the rows. */
  function walkedPage(offset: number, perPage: number): Promise<Page> {
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
    /** Walks in the index alone, and no farther than through a block: so any page costs about what the first does. */
    async page(offset: number, perPage: number): Promise<Page> {
      if (offset <= fewRows) return shallowPage(offset, perPage);
      const skip = Math.min(offset, Number.MAX_SAFE_INTEGER);
      return (await pageInBlock(skip, perPage)) ?? walkedPage(skip, perPage);
    },
  };
}
export type AccountListRepository = ReturnType<typeof createAccountListRepository>;
