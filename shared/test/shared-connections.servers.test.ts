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
const inTransaction = (db: Kysely<Rows>) => db.transaction().execute(read);

/** A read that waits for as long as somebody else holds the lock. */
const held = (db: Kysely<Rows>, lock: number) =>
  db.selectFrom('rows').select(sql`pg_advisory_xact_lock_shared(${lock})`.as('held')).execute();

/** How each of `count` reads ended that are asked at once, and after how many milliseconds the last one did. */
async function endingsOf(db: Kysely<Rows>, count: number) {
  const start = performance.now();
  const endings = await Promise.all(Array.from({ length: count }, () => read(db).then(() => 'done', codeOf)));
  return { endings, ms: performance.now() - start };
}

/** A session of the test's own; that the server ends it is no matter. */
async function openClient(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  t.teardown(() => client.end());
  return client;
}

async function administer(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query(statement);
  await client.end();
  return rows;
}

const waiting = (lock: number) =>
  `select pid from pg_locks where locktype = 'advisory' and objid = ${lock} and not granted`;

/** The sessions that answer 200 reads which are asked at once; each must get its own answer. */
async function sessionsOf(t: Test, db: Kysely<Rows>): Promise<string> {
  const asked = Array.from({ length: 200 }, (_, number) =>
    db
      .selectFrom('rows')
      .select([sql<number>`${number}::int4`.as('number'), sql<number>`pg_backend_pid()`.as('pid')])
      .execute(),
  );
  const answers = (await Promise.all(asked)).flat();
  const numbers = answers.map(({ number }) => number);
  t.strictSame(numbers, [...numbers.keys()]);
  return [...new Set(answers.map(({ pid }) => pid))].sort().join();
}

/** The two sessions that reads share; what stalls on a busy machine is asked elsewhere, and then they are more. */
async function sharedSessions(t: Test, db: Kysely<Rows>): Promise<string> {
  let sessions = '';
  await until('two sessions answer all', async () => {
    sessions = await sessionsOf(t, db);
    return sessions.split(',').length === 2;
  });
  return sessions;
}

t.test('reads at once share two connections, and each gets its own answer', async (t) => {
  const { db } = await openRows(t);
  t.match(await sharedSessions(t, db), /^\d+,\d+$/);
});

t.test('when connections end with reads under way each fails once, and the next ones work', async (t) => {
  const { db, proxy } = await openRows(t);
  await Promise.all([read(db), read(db)]);
  const ended = endingsOf(db, 40);
  proxy.moveTo(server.port);
  t.strictSame((await ended).endings, Array(40).fill('database-unavailable'));
  t.strictSame(await read(db), [{ id: 1, name: 'a', amount: 0 }]);
});

t.test(
  'when connections go dead with reads under way each fails in time, and the next ones work',
  async (t) => {
    const { db, proxy } = await openRows(t);
    await Promise.all([...Array.from({ length: 3 }, () => inTransaction(db)), read(db), read(db)]);
    const ended = endingsOf(db, 40);
    proxy.cut();
    const { endings, ms } = await ended;
    t.strictSame(endings, Array(40).fill('database-unavailable'));
    t.ok(ms < boundMs, `took ${Math.round(ms)} ms`);
    t.strictSame(await read(db), [{ id: 1, name: 'a', amount: 0 }]);
  },
);

t.test('nobody waits behind a read that takes long, whether asked at once or later', async (t) => {
  const { db, direct } = await openRows(t, 20_000);
  const holder = await openClient(t, direct);
  await holder.query('select pg_advisory_lock(7)');
  const order: string[] = [];
  const slow = [1, 2].map(() => held(db, 7).then(() => order.push('slow')));
  await Promise.all(Array.from({ length: 20 }, () => read(db).then(() => order.push('at once'))));
  await until('they wait', async () => (await administer(direct, waiting(7))).length === 2);
  await read(db).then(() => order.push('later'));
  await holder.query('select pg_advisory_unlock(7)');
  await Promise.all(slow);
  t.strictSame(order, [...Array(20).fill('at once'), 'later', 'slow', 'slow']);
});

t.test('a connection that was at something slow is shared again', async (t) => {
  const { db, direct } = await openRows(t, 20_000);
  const before = await sharedSessions(t, db);
  const holder = await openClient(t, direct);
  await holder.query('select pg_advisory_lock(7)');
  const slow = [held(db, 7), held(db, 7)];
  const meanwhile = await sessionsOf(t, db);
  await holder.query('select pg_advisory_unlock(7)');
  await Promise.all(slow);
  t.notOk(before.split(',').some((pid) => meanwhile.split(',').includes(pid)));
  t.equal(await sharedSessions(t, db), before);
});

t.test('what was behind a slow read is not lost with its connection', async (t) => {
  const { db, direct } = await openRows(t, 20_000);
  const holder = await openClient(t, direct);
  await holder.query('select pg_advisory_lock(7), pg_advisory_lock(8)');
  const slow = [held(db, 7), held(db, 7)].map((ended) => ended.then(() => 'done', codeOf));
  const behind = [held(db, 8), held(db, 8), read(db), read(db)].map((ended) =>
    ended.then(() => 'done', codeOf),
  );
  await until('they wait elsewhere', async () => (await administer(direct, waiting(8))).length === 2);
  await administer(direct, `select pg_terminate_backend(pid) from (${waiting(7)}) as waiting`);
  t.strictSame(await Promise.all(slow), Array(2).fill('database-unavailable'));
  await holder.query('select pg_advisory_unlock(8)');
  t.strictSame(await Promise.all(behind), Array(4).fill('done'));
  t.strictSame(await read(db), [{ id: 1, name: 'a', amount: 0 }]);
});

t.test('what was behind a slow read waits for a session of its own no longer than others do', async (t) => {
  const { db, direct } = await openRows(t);
  const holder = await openClient(t, direct);
  await holder.query('begin; lock table rows.rows in access exclusive mode');
  const { endings, ms } = await endingsOf(db, 40);
  t.strictSame(endings, Array(40).fill('database-unavailable'));
  t.ok(ms < timeoutMs + boundMs, `took ${Math.round(ms)} ms`);
  await holder.query('rollback');
  t.strictSame(await read(db), [{ id: 1, name: 'a', amount: 0 }]);
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
  for (let round = 0; round < 8; round += 1) await Promise.all([read(db), read(db), inTransaction(db)]);
  await administer(direct, 'alter table rows.rows add column note text');
  const now = [{ id: 1, name: 'a', amount: 0, note: null }];
  t.strictSame(await Promise.all([read(db), read(db), read(db), inTransaction(db), inTransaction(db)]), [
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
