import { testParts } from '@vestibule/shared/test/parts';
import { CompiledQuery, type Kysely, type RootOperationNode, sql } from 'kysely';
import t from 'tap';
import { createAccessRepository } from '../src/access-repository.ts';
import { createAccountsRepository } from '../src/accounts-repository.ts';
import { createHistoryRepository } from '../src/history-repository.ts';
import type { UserTables } from '../src/tables.ts';
import { openTables } from './user-service.ts';

/** 20,000 accounts, each with a nickname, a password and a search; one in ten is deleted. */
async function fill(db: Kysely<UserTables>): Promise<void> {
  const numbers = sql<{ n: number }>`generate_series(1, 20000)`.as<'numbers'>(sql`numbers (n)`);
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
          sql<Date>`now()`.as('created_at'),
          sql<Date>`now()`.as('modified_at'),
        ]),
    )
    .execute();
  const accounts = db.selectFrom('accounts');
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
    .insertInto('passwords')
    .columns(['account_id', 'hash', 'changed_at'])
    .expression(accounts.select(['id', sql<string>`'hash'`.as('hash'), 'created_at']))
    .execute();
  await db
    .insertInto('search_history')
    .columns(['account_id', 'entry', 'seq'])
    .expression(accounts.select(['id', sql<string>`'entry'`.as('entry'), sql<number>`1`.as('seq')]))
    .execute();
  for (const table of ['accounts', 'identities', 'passwords', 'search_history'] as const) {
    await sql`analyze ${sql.table(`users.${table}`)}`.execute(db);
  }
}

t.test('every query of the service goes by an index', async (t) => {
  const db = await openTables(await testParts(t));
  await fill(db);
  const asked: RootOperationNode[] = [];
  const watched = db.withPlugin({
    transformQuery: ({ node }) => {
      asked.push(node);
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const accounts = createAccountsRepository({ db: watched });
  const access = createAccessRepository({ db: watched });
  const history = createHistoryRepository({ db: watched });
  const id = 20_000_777;
  const identity = { kind: 'nickname', folded: 'nick20000777' } as const;
  const page = { page: 1, perPage: 1000 };
  const now = new Date(0);

  const queries: Record<string, () => Promise<unknown>> = {
    'find by id': () => accounts.find({ id }),
    'find by identity': () => accounts.find({ identity }),
    'credentials by id': () => accounts.findCredentials({ id }),
    'credentials by identity': () => accounts.findCredentials({ identity }),
    'update of a profile': () => accounts.updateProfile(id, { qq: '1' }, now),
    'search for nothing': () => accounts.search(page),
    'search by first name': () => accounts.search({ ...page, firstName: 'First7' }),
    'search by last name': () => accounts.search({ ...page, lastName: 'Last7' }),
    'search by role': () => accounts.search({ ...page, role: 'donor' }),
    'search by all': () =>
      accounts.search({ ...page, firstName: 'First7', lastName: 'Last7', role: 'donor' }),
    'search, deep page': () => accounts.search({ page: 10, perPage: 1000, role: 'donor' }),
    access: () => access.read(id),
    'change of access': () => access.change(id, (current) => ({ ...current, role: 'donor' }), now),
    'change of password': () =>
      access.replacePassword(id, { expected: 'hash', hash: 'new' }, (current) => current, now),
    'add to history': () => history.add(id, 'another', 100),
    'get history': () => history.get(id),
    'clear history': () => history.clear(id),
  };

  for (const [name, query] of Object.entries(queries)) {
    asked.length = 0;
    await query();
    t.ok(asked.length > 0, `${name} asks the database`);
    for (const node of [...asked]) {
      const compiled = db.getExecutor().compileQuery(node, { queryId: 'plan' });
      const plan = await db.executeQuery<Record<string, string>>(
        CompiledQuery.raw(`explain ${compiled.sql}`, [...compiled.parameters]),
      );
      const text = plan.rows.flatMap((row) => Object.values(row)).join('\n');
      t.notMatch(text, /Seq Scan/, `${name}: ${compiled.sql}`);
    }
  }
});
