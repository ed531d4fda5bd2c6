import { type Kysely, sql } from 'kysely';
import { createAccountBlocksRepository } from '../src/account-blocks-repository.ts';
import type { UserTables } from '../src/tables.ts';

const accountsOf = (db: Kysely<UserTables>, from: number, to: number) =>
  db
    .selectFrom('accounts')
    .where('id', '>=', 20_000_000 + from)
    .where('id', '<=', 20_000_000 + to);

/**
 * Accounts of the ids 20,000,000 + `from` to 20,000,000 + `to`, made at different times in the order of their
 * ids; one in ten is deleted. Counted in a row of the totals of their own, and in blocks as the upkeep does it.
 */
export async function insertAccounts(db: Kysely<UserTables>, from: number, to: number): Promise<void> {
  const numbers = sql<{ n: number }>`generate_series(${sql.lit(from)}, ${sql.lit(to)})`.as<'numbers'>(
    sql`numbers (n)`,
  );
  const createdAt = sql<Date>`timestamptz '2024-01-01' + n * interval '61 seconds'`;
  await db
    .insertInto('accounts')
    .columns(['id', 'role', 'status', 'first_name_folded', 'last_name_folded', 'created_at', 'modified_at'])
    .expression((expression) =>
      expression
        .selectFrom(numbers)
        .select([
          sql<number>`20000000 + n`.as('id'),
          sql<'donor'>`(array['normal', 'donor', 'volunteer'])[1 + n % 3]`.as('role'),
          sql<'active'>`case when n % 10 = 0 then 'deleted' else 'active' end`.as('status'),
          sql<string>`'first' || n % 1000`.as('first_name_folded'),
          sql<string>`'last' || n % 500`.as('last_name_folded'),
          createdAt.as('created_at'),
          createdAt.as('modified_at'),
        ]),
    )
    .execute();
  await db
    .insertInto('account_totals')
    .columns(['shard', 'accounts'])
    .expression(
      accountsOf(db, from, to)
        .where('status', '<>', 'deleted')
        .select(({ fn }) => [
          sql<number>`${sql.lit(from)}`.as('shard'),
          fn.countAll<number>().as('accounts'),
        ]),
    )
    .execute();
  await closeBlocks(db);
}

/** Closes all blocks that have enough accounts. */
async function closeBlocks(db: Kysely<UserTables>): Promise<void> {
  const blocks = createAccountBlocksRepository({ db });
  while (await blocks.closeNext());
}

/** Gives each of these accounts a nickname, a password, a picture and a search, and an identity that was erased. */
export async function insertBelongings(db: Kysely<UserTables>, from: number, to: number): Promise<void> {
  const accounts = accountsOf(db, from, to);
  await db
    .insertInto('identities')
    .columns(['kind', 'value_folded', 'value', 'account_id'])
    .expression(
      accounts.select([
        sql.lit('nickname' as const).as('kind'),
        sql<string>`'nick' || id`.as('value_folded'),
        sql<string>`'Nick' || id`.as('value'),
        'id',
      ]),
    )
    .execute();
  await db
    .insertInto('erased_identities')
    .columns(['kind', 'digest', 'account_id'])
    .expression(
      accounts.select([
        sql.lit('phone' as const).as('kind'),
        sql<Buffer>`sha256(int8send(id))`.as('digest'),
        'id',
      ]),
    )
    .execute();
  await db
    .insertInto('passwords')
    .columns(['account_id', 'hash', 'changed_at'])
    .expression(accounts.select(['id', sql<string>`'hash'`.as('hash'), 'created_at']))
    .execute();
  await db
    .insertInto('avatars')
    .columns(['account_id', 'content_type', 'bytes', 'etag', 'created_at'])
    .expression(
      accounts.select([
        'id',
        sql.lit('image/png' as const).as('content_type'),
        sql<Buffer>`convert_to('picture', 'UTF8')`.as('bytes'),
        sql<string>`'etag'`.as('etag'),
        'created_at',
      ]),
    )
    .execute();
  await db
    .insertInto('search_history')
    .columns(['account_id', 'entry', 'seq'])
    .expression(accounts.select(['id', sql<string>`'entry'`.as('entry'), sql<number>`1`.as('seq')]))
    .execute();
}

/** What the planner must know to choose as it would in production, and the index to be read without the rows. */
export async function vacuum(db: Kysely<UserTables>): Promise<void> {
  const tables = [
    'accounts',
    'identities',
    'erased_identities',
    'passwords',
    'avatars',
    'account_totals',
    'account_blocks',
    'search_history',
  ] as const;
  for (const table of tables) await sql`vacuum analyze ${sql.table(`users.${table}`)}`.execute(db);
}
