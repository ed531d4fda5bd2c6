import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import t, { type Test } from 'tap';
import { postgresDatabase } from '../src/database/postgres.ts';
import { sqlStateOf } from '../src/database/sql-errors.ts';
import { codeOf } from '../src/errors.ts';
import { createLogger } from '../src/logger.ts';
import { emptyDatabase } from './harness/parts.ts';
import { startPostgresServer } from './harness/postgres-server.ts';
import { until } from './harness/server-process.ts';
import { startTcpProxy } from './harness/tcp-proxy.ts';
import { type Rows, rowsMigrations } from './suites/database-fixture.ts';

const logger = createLogger({ level: 'silent', name: 'test' });
const timeoutMs = 1000;
/** A statement's time and the grace after it; a busy machine gets some more. */
const boundMs = timeoutMs + 250 + 1500;

const server = await startPostgresServer();
t.teardown(() => server.stop());

/** A database whose connections go through a proxy; reads share two of them. */
async function openRows(t: Test, waitMs = timeoutMs) {
  const proxy = await startTcpProxy(server.port);
  t.teardown(() => proxy.close());
  const direct = await emptyDatabase(t, server.url);
  const url = new URL(direct);
  url.port = String(proxy.port);
  const database = postgresDatabase({ url: url.href, timeoutMs: waitMs, poolSize: 5, logger });
  t.teardown(() => database.close());
  const db = await database.open<Rows>({ schema: 'rows', migrations: rowsMigrations });
  await db.insertInto('rows').values({ id: 1, name: 'a' }).execute();
  return { db, proxy, direct };
}

const read = (db: Kysely<Rows>) => db.selectFrom('rows').selectAll().execute();
const sleep = (db: Kysely<Rows>, seconds: number) =>
  db.selectFrom('rows').select(sql<string>`pg_sleep(${seconds})`.as('slept')).execute();

/** Answers of `count` reads behind some that sleep, so that all are under way; each ending is noted. */
function underWay(db: Kysely<Rows>, count: number) {
  const endings: string[] = [];
  const start = performance.now();
  const all = Promise.all(
    Array.from({ length: count }, (_, index) =>
      (index < 4 ? sleep(db, 0.6) : read(db))
        .then(() => 'done', codeOf)
        .then((end) => {
          endings.push(end);
        }),
    ),
  );
  return { endings, ended: all.then(() => performance.now() - start) };
}

async function administer(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(statement);
  await client.end();
  return rows;
}

const sleeping = `select pid from pg_stat_activity where datname = current_database()
  and query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()`;

t.test('reads at once share two connections, and each gets its own answer', async (t) => {
  const { db, direct } = await openRows(t);
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, number) =>
      db.selectFrom('rows').select(sql<number>`${number}::int4`.as('number')).execute(),
    ),
  );
  t.strictSame(
    answers.map(([row]) => row?.number),
    Array.from({ length: 200 }, (_, number) => number),
  );
  const shared = `select pid from pg_stat_activity where datname = current_database() and query like '%::int4%'
    and pid <> pg_backend_pid()`;
  t.equal((await administer(direct, shared)).length, 2);
});

t.test('when connections end with reads under way each fails once, and the next ones work', async (t) => {
  const { db, proxy, direct } = await openRows(t);
  await read(db);
  const { endings, ended } = underWay(db, 40);
  await until('they sleep', async () => (await administer(direct, sleeping)).length === 2);
  proxy.moveTo(server.port);
  await ended;
  t.strictSame(endings, Array(40).fill('database-unavailable'));
  t.strictSame(await read(db), [{ id: 1, name: 'a', amount: 0 }]);
});

t.test(
  'when connections go dead with reads under way each fails in time, and the next ones work',
  async (t) => {
    const { db, proxy, direct } = await openRows(t);
    await read(db);
    const { endings, ended } = underWay(db, 40);
    await until('they sleep', async () => (await administer(direct, sleeping)).length === 2);
    proxy.cut();
    const ms = await ended;
    t.strictSame(endings, Array(40).fill('database-unavailable'));
    t.ok(ms < boundMs, `took ${Math.round(ms)} ms`);
    t.strictSame(await read(db), [{ id: 1, name: 'a', amount: 0 }]);
  },
);

t.test(
  'when the server ends a session with reads under way each fails once, and the next ones work',
  async (t) => {
    const { db, direct } = await openRows(t);
    await read(db);
    const { endings, ended } = underWay(db, 40);
    await until('they sleep', async () => (await administer(direct, sleeping)).length === 2);
    await administer(direct, `select pg_terminate_backend(pid) from (${sleeping}) as sleeping`);
    await ended;
    t.strictSame(endings, Array(40).fill('database-unavailable'));
    t.strictSame(await read(db), [{ id: 1, name: 'a', amount: 0 }]);
  },
);

t.test('nobody waits behind a read that takes long', async (t) => {
  const { db, direct } = await openRows(t, 20_000);
  await read(db);
  const holder = new pg.Client({ connectionString: direct });
  await holder.connect();
  await holder.query('select pg_advisory_lock(7)');
  const order: string[] = [];
  const slow = [1, 2].map(() =>
    db
      .selectFrom('rows')
      .select(sql`pg_advisory_xact_lock_shared(7)`.as('held'))
      .execute()
      .then(() => order.push('slow')),
  );
  const waiting = `select pid from pg_locks where locktype = 'advisory' and not granted`;
  await until('they wait', async () => (await administer(direct, waiting)).length === 2);
  await read(db).then(() => order.push('quick'));
  await holder.end();
  await Promise.all(slow);
  t.strictSame(order, ['quick', 'slow', 'slow']);
});

t.test('a read that fails says so to who asked it, and to nobody else', async (t) => {
  const { db } = await openRows(t);
  const wrong = () =>
    db
      .selectFrom('rows')
      .select(sql`nonsense`.as('nothing'))
      .execute()
      .then(() => 'done', sqlStateOf);
  const tooLarge = () =>
    db
      .selectFrom('rows')
      .select(sql`9007199254740993::int8`.as('large'))
      .execute()
      .then(
        () => 'done',
        (error: Error) => error.name,
      );
  const right = () => read(db).then((rows) => rows.length);
  const endings = await Promise.all([wrong(), right(), wrong(), tooLarge(), wrong(), right(), tooLarge()]);
  t.strictSame(endings, ['42703', 1, '42703', 'RangeError', '42703', 1, 'RangeError']);
});

t.test('a migration beside it changes what prepared reads answer, and fails none', async (t) => {
  const { db, direct } = await openRows(t);
  const inTransaction = () => db.transaction().execute(read);
  for (let round = 0; round < 8; round += 1) await Promise.all([read(db), read(db), inTransaction()]);
  await administer(direct, 'alter table rows.rows add column note text');
  const now = [{ id: 1, name: 'a', amount: 0, note: null }];
  t.strictSame(await Promise.all([read(db), read(db), read(db), inTransaction(), inTransaction()]), [
    ...Array(5).fill(now),
  ]);
});

t.test('a column of another type fails a transaction that knew the old one, and not the next', async (t) => {
  const { db, direct } = await openRows(t);
  const amounts = (db: Kysely<Rows>) => db.selectFrom('rows').select('amount').execute();
  const inTransaction = () => db.transaction().execute(amounts);
  await amounts(db);
  await inTransaction();
  await administer(direct, 'alter table rows.rows alter column amount type bigint');
  t.equal(await inTransaction().catch(codeOf), 'database-unavailable');
  t.strictSame(await inTransaction(), [{ amount: 0 }]);
  t.strictSame(await amounts(db), [{ amount: 0 }]);
});

t.test('what is asked again and again is prepared once, however often it is asked', async (t) => {
  const { db } = await openRows(t);
  const prepared = await db.transaction().execute(async (tx) => {
    const named = (id: number) => tx.selectFrom('rows').select('name').where('id', '=', id).execute();
    for (let id = 0; id < 10; id += 1) await named(id);
    const { rows } = await sql<{ statement: string }>`
      select statement from pg_prepared_statements where statement like '%where "id" =%'
    `.execute(tx);
    return rows;
  });
  t.strictSame(prepared, [{ statement: 'select "name" from "rows"."rows" where "id" = $1' }]);
});
