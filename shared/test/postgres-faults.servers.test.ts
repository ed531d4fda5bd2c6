import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import t, { type Test } from 'tap';
import { postgresDatabase } from '../src/database/postgres.ts';
import { codeOf } from '../src/errors.ts';
import { createLogger } from '../src/logger.ts';
import { logLines } from './harness/log-lines.ts';
import { emptyDatabase } from './harness/parts.ts';
import { startPostgresServer } from './harness/postgres-server.ts';
import { until } from './harness/server-process.ts';
import { startTcpProxy } from './harness/tcp-proxy.ts';
import { type Rows, rowsMigrations } from './suites/database-fixture.ts';

const logger = createLogger({ level: 'silent', name: 'test' });
const timeoutMs = 500;
/** Of them two are shared by reads. */
const poolSize = 5;
/** A connect or a wait for a connection, then a query; a busy machine gets some more. */
const boundMs = 2 * timeoutMs + 250 + 500;

const server = await startPostgresServer({ durable: true });
t.teardown(() => server.stop());

async function openRows(t: Test, url?: string) {
  const own = url ?? (await emptyDatabase(t, server.url));
  const database = postgresDatabase({ url: own, timeoutMs, poolSize, logger });
  t.teardown(() => database.close());
  const db = await database.open<Rows>({ schema: 'rows', migrations: rowsMigrations });
  return { url: own, database, db };
}

/** How something ended: `done`, or the code of its error; and after how many milliseconds. */
async function ending(work: Promise<unknown>): Promise<{ end: string; ms: number }> {
  const start = performance.now();
  const end = await work.then(() => 'done', codeOf);
  return { end, ms: performance.now() - start };
}

const read = (db: Kysely<Rows>) => db.selectFrom('rows').selectAll().execute();
const insert = (db: Kysely<Rows>, id: number) =>
  db
    .insertInto('rows')
    .values({ id, name: `row ${id}` })
    .execute();

/** More at once than the pool has connections: queries and transactions. */
async function allRefusedInTime(t: Test, db: Kysely<Rows>): Promise<void> {
  const work = Array.from({ length: 12 }, (_, index) =>
    index % 2 === 0 ? read(db) : db.transaction().execute((tx) => insert(tx, 1000 + index)),
  );
  const endings = await Promise.all(work.map(ending));
  t.strictSame([...new Set(endings.map(({ end }) => end))], ['database-unavailable']);
  const slowest = Math.max(...endings.map(({ ms }) => ms));
  t.ok(slowest < boundMs, `the slowest took ${Math.round(slowest)} ms`);
}

async function worksWithin(t: Test, db: Kysely<Rows>, ms: number): Promise<void> {
  const start = performance.now();
  const works = () =>
    read(db).then(
      () => true,
      () => false,
    );
  await until('the database works again', works, ms);
  t.pass(`back after ${Math.round(performance.now() - start)} ms`);
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
const terminateOthers =
  'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';

t.test('a Postgres that was killed: refused in time, works within 2 s of its return', async (t) => {
  const { database, db } = await openRows(t);
  await server.kill();
  await allRefusedInTime(t, db);
  t.equal(await database.ready(), false);
  await server.restart();
  await worksWithin(t, db, 2000);
  t.equal(await database.ready(), true);
});

t.test('a frozen Postgres: refused in time, works within 2 s of the thaw', async (t) => {
  const { database, db } = await openRows(t);
  // Connections that are open already hang differently from new ones.
  await Promise.all([read(db), read(db), read(db)]);
  await server.freeze();
  await allRefusedInTime(t, db);
  await allRefusedInTime(t, db);
  t.equal(await database.ready(), false);
  server.thaw();
  await worksWithin(t, db, 2000);
});

t.test('a transaction that a freeze meets in its midst ends in time and leaves nothing', async (t) => {
  const { db } = await openRows(t);
  const met = db.transaction().execute(async (tx) => {
    await insert(tx, 1);
    await server.freeze();
    await insert(tx, 2);
  });
  const { end, ms } = await ending(met);
  server.thaw();
  t.equal(end, 'database-unavailable');
  // One query's time: the rollback after it is not waited for as well.
  t.ok(ms < boundMs - timeoutMs, `took ${Math.round(ms)} ms`);
  await worksWithin(t, db, 2000);
  t.strictSame(await read(db), []);
});

t.test('what was acknowledged is there after Postgres was killed', async (t) => {
  const { db } = await openRows(t);
  const acknowledged: number[] = [];
  let killed: Promise<void> | undefined;
  for (let id = 1; ; id++) {
    if ((await ending(db.transaction().execute((tx) => insert(tx, id)))).end !== 'done') break;
    acknowledged.push(id);
    if (id === 100) killed = server.kill();
  }
  await killed;
  await server.restart();
  await worksWithin(t, db, 2000);
  const there = new Set((await read(db)).map(({ id }) => id));
  t.ok(acknowledged.length >= 100);
  t.strictSame(
    acknowledged.filter((id) => !there.has(id)),
    [],
  );
});

t.test('a lock that somebody keeps is waited for in time, and the connection goes on', async (t) => {
  const { db } = await openRows(t);
  await insert(db, 1);
  await db.transaction().execute(async (holder) => {
    await holder.updateTable('rows').set({ amount: 1 }).where('id', '=', 1).execute();
    const waiting = db.transaction().execute(async (tx) => {
      await tx.updateTable('rows').set({ amount: 2 }).where('id', '=', 1).execute();
    });
    const start = performance.now();
    const error = await waiting.catch((error: unknown) => error);
    t.match(error, { code: 'database-unavailable', cause: { code: '55P03' } });
    t.ok(performance.now() - start < boundMs - timeoutMs);
  });
  t.equal((await read(db))[0]?.amount, 1);
});

t.test('a statement that takes too long is ended, and the next one works', async (t) => {
  const { db } = await openRows(t);
  const error = await sql`select pg_sleep(30)`.execute(db).catch((error: unknown) => error);
  t.match(error, { code: 'database-unavailable', cause: { code: '57014' } });
  t.strictSame(await read(db), []);
});

t.test('when all connections are lent, the next one waits in time', async (t) => {
  const { db } = await openRows(t);
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const holders = Array.from({ length: 3 }, () =>
    db.transaction().execute(async (tx) => {
      await read(tx);
      await released;
    }),
  );
  const { end, ms } = await ending(insert(db, 1));
  t.equal(end, 'database-unavailable');
  t.ok(ms < boundMs, `took ${Math.round(ms)} ms`);
  t.strictSame(await read(db), [], 'and what only reads does not wait for them');
  release();
  await Promise.all(holders);
  t.equal((await ending(insert(db, 1))).end, 'done');
});

t.test('a server that takes no more connections is away, and waited for', async (t) => {
  const url = new URL(await emptyDatabase(t, server.url));
  const name = url.pathname.slice(1);
  // The limit does not hold for superusers.
  await administer(url.href, `create role plain login; grant create on database "${name}" to plain`);
  await administer(url.href, `alter database "${name}" connection limit 0`);
  url.username = 'plain';
  const log = logLines();
  const database = postgresDatabase({ url: url.href, timeoutMs, poolSize, logger: log.logger });
  t.teardown(() => database.close());
  const opening = database.open<Rows>({ schema: 'rows', migrations: rowsMigrations });
  await until('it is said', () => log.text().includes('too many connections for database'));
  await administer(server.url, `alter database "${name}" connection limit 10`);
  t.strictSame(await read(await opening), []);
});

t.test('connections that an administrator ends are replaced, idle or at work', async (t) => {
  const { url, db } = await openRows(t);
  await Promise.all([read(db), read(db)]);
  await administer(url, terminateOthers);
  await worksWithin(t, db, 2000);
  const working = ending(sql`select pg_sleep(0.4)`.execute(db));
  await until('it is at work', async () => (await administer(url, sleeping)).length === 1);
  await administer(url, terminateOthers);
  t.equal((await working).end, 'database-unavailable');
  await worksWithin(t, db, 2000);
});

t.test('a connection that dies without a word is replaced', async (t) => {
  const proxy = await startTcpProxy(Number(new URL(server.url).port));
  t.teardown(() => proxy.close());
  const through = new URL(await emptyDatabase(t, server.url));
  through.port = String(proxy.port);
  const { db } = await openRows(t, through.href);
  await Promise.all([read(db), read(db), read(db)]);
  proxy.cut();
  const endings = await Promise.all([ending(read(db)), ending(read(db)), ending(read(db))]);
  t.strictSame(
    endings.map(({ end }) => end),
    Array(3).fill('database-unavailable'),
  );
  await worksWithin(t, db, 2000);
});

t.test('a Postgres that is away at the start is waited for, and said to be', async (t) => {
  const url = await emptyDatabase(t, server.url);
  const log = logLines();
  const database = postgresDatabase({ url, timeoutMs, poolSize, logger: log.logger });
  t.teardown(() => database.close());
  await server.kill();
  const opening = database.open<Rows>({ schema: 'rows', migrations: rowsMigrations });
  await until('it is said', () => log.text().includes('the database is away: waiting for it'));
  await server.restart();
  t.strictSame(await read(await opening), []);
});

t.test('a database that there is not is an error at once, and names it', async (t) => {
  const url = new URL(server.url);
  url.pathname = '/no-such-database';
  const database = postgresDatabase({ url: url.href, timeoutMs, poolSize, logger });
  t.teardown(() => database.close());
  await t.rejects(database.open({ schema: 'rows', migrations: rowsMigrations }), {
    message: 'database "no-such-database" does not exist',
  });
});

t.test('a close while the database is waited for ends the wait', async (t) => {
  const { url } = await openRows(t);
  await server.kill();
  const database = postgresDatabase({ url, timeoutMs, poolSize, logger });
  const opening = ending(database.open({ schema: 'rows', migrations: rowsMigrations }));
  await database.close();
  t.equal((await opening).end, 'database-unavailable');
  await server.restart();
});

t.test(
  'when the connection that migrates dies, nothing of it stays: the next replica migrates, and both serve',
  async (t) => {
    const url = await emptyDatabase(t, server.url);
    const open = () => {
      const database = postgresDatabase({ url, timeoutMs, poolSize, logger });
      t.teardown(() => database.close());
      return database;
    };
    const { promise: underWay, resolve: begun } = Promise.withResolvers<void>();
    const dying = open().open({
      schema: 'rows',
      migrations: {
        '0001-rows': {
          async up(db) {
            await rowsMigrations['0001-rows']?.up(db);
            begun();
            await sql`select pg_sleep(60)`.execute(db);
          },
        },
      },
    });
    const survived = ending(dying);
    await underWay;
    const next = open().open<Rows>({ schema: 'rows', migrations: rowsMigrations });
    const sleeping = `select pid from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()`;
    await until('it sleeps', async () => (await administer(url, sleeping)).length === 1);
    await administer(url, `select pg_terminate_backend(pid) from (${sleeping}) as sleeping`);
    await insert(await next, 1);
    t.equal((await survived).end, 'done');
    t.equal((await read(await next)).length, 1);
  },
);

t.test('a close while Postgres is frozen does not hang', async (t) => {
  const { database, db } = await openRows(t);
  await Promise.all([read(db), read(db)]);
  await server.freeze();
  const { ms } = await ending(database.close());
  server.thaw();
  t.ok(ms < boundMs, `took ${Math.round(ms)} ms`);
});
