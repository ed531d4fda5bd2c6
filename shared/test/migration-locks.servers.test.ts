import type { Migration } from 'kysely/migration';
import pg from 'pg';
import t from 'tap';
import { postgresDatabase } from '../src/database/postgres.ts';
import { logLines } from './harness/log-lines.ts';
import { emptyDatabase } from './harness/parts.ts';
import { startPostgresServer } from './harness/postgres-server.ts';
import { until } from './harness/server-process.ts';
import { type Rows, rowsMigrations } from './suites/database-fixture.ts';

const server = await startPostgresServer();
t.teardown(() => server.stop());

const addsTable: Migration = {
  up: (db) => db.schema.createTable('others').addColumn('id', 'integer').execute(),
};
const addsNote: Migration = {
  up: (db) => db.schema.alterTable('rows').addColumn('note', 'text').execute(),
};

t.test(
  'a migration that waits for a table keeps nobody from it for long, and comes in the end',
  async (t) => {
    const url = await emptyDatabase(t, server.url);
    const log = logLines();
    const connect = () => {
      const database = postgresDatabase({ url, timeoutMs: 3000, poolSize: 5, logger: log.logger });
      t.teardown(() => database.close());
      return database;
    };
    const old = await connect().open<Rows>({ schema: 'own', migrations: rowsMigrations });
    const keeper = new pg.Client({ connectionString: url });
    await keeper.connect();
    t.teardown(() => keeper.end());
    await keeper.query('begin');
    await keeper.query('select from own.rows');

    const migrations = { ...rowsMigrations, '0002-others': addsTable, '0003-note': addsNote };
    let opened = 0;
    const replicas = [connect(), connect()].map(async (database) => {
      await database.open<Rows>({ schema: 'own', migrations });
      opened += 1;
    });
    const asksForTable = async () => {
      const { rows } = await keeper.query('select from pg_locks where not granted and relation is not null');
      return rows.length > 0;
    };
    // Both of its first tries to get at the table, and reads meanwhile.
    for (const attempt of ['first', 'second']) {
      await until(`the ${attempt} try waits`, asksForTable, 20_000);
      const begun = performance.now();
      await old.selectFrom('rows').selectAll().execute();
      const ms = Math.round(performance.now() - begun);
      t.ok(ms < 1500, `a read behind the ${attempt} try took ${ms} ms`);
      await until(`the ${attempt} try is over`, async () => !(await asksForTable()));
    }
    t.equal(opened, 0);
    const { rows: done } = await keeper.query('select name from own.migrations order by name');
    t.strictSame(done, [{ name: '0001-rows' }, { name: '0002-others' }], 'what needs no such lock is there');

    await keeper.query('commit');
    await Promise.all(replicas);
    const { rows: columns } = await keeper.query(
      `select column_name as name from information_schema.columns
     where table_schema = 'own' and table_name = 'rows' order by ordinal_position`,
    );
    t.strictSame(columns, [{ name: 'id' }, { name: 'name' }, { name: 'amount' }, { name: 'note' }]);
    await old.insertInto('rows').values({ id: 1, name: 'of the old version' }).execute();
    const waiting = log
      .text()
      .match(/a migration of own does not get at its table or the database: trying again/g);
    t.ok(waiting !== null && waiting.length <= 2, 'each replica says once that it waits');
  },
);
