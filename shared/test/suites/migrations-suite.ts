import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Test } from 'tap';
import type { Migrations } from '../../src/database/database.ts';
import { logLines } from '../harness/log-lines.ts';
import { type OpenDatabases, type Rows, rowsMigrations, rowsTable } from './database-fixture.ts';

const fails: Migration = {
  async up(db) {
    await db.schema.createTable('half').addColumn('id', 'bigint').execute();
    await sql`select nonsense`.execute(db);
  },
};
const addsNote: Migration = {
  up: (db) => db.schema.alterTable('rows').addColumn('note', 'text').execute(),
};

/** Migrations: once each, each of them whole or not at all, however many start. */
export function migrationsSuite(t: Test, open: OpenDatabases): void {
  /** Migrations that count how often they ran. */
  function counted(migrations: Migrations): { migrations: Migrations; ran: string[] } {
    const ran: string[] = [];
    const counting = Object.entries(migrations).map(([name, { up }]): [string, Migration] => [
      name,
      {
        async up(db) {
          ran.push(name);
          await up(db);
        },
      },
    ]);
    return { migrations: Object.fromEntries(counting), ran };
  }

  t.test('missing migrations run in the order of their names, and never again', async (t) => {
    const connect = await open(t);
    const first = counted(rowsMigrations);
    await connect().open({ schema: 'own', migrations: first.migrations });
    const next = counted({ '0003-nothing': { async up() {} }, '0002-note': addsNote, ...rowsMigrations });
    await connect().open({ schema: 'own', migrations: next.migrations });
    await connect().open({ schema: 'own', migrations: next.migrations });
    t.strictSame(first.ran, ['0001-rows']);
    t.strictSame(next.ran, ['0002-note', '0003-nothing']);
  });

  t.test('tables of one name in two schemas are two tables', async (t) => {
    const database = (await open(t))();
    const one = await database.open<Rows>({ schema: 'one', migrations: rowsMigrations });
    const two = await database.open<Rows>({ schema: 'two-2', migrations: rowsMigrations });
    await one.insertInto('rows').values({ id: 1, name: 'of one' }).execute();
    await two.insertInto('rows').values({ id: 1, name: 'of two' }).execute();
    t.strictSame(await one.selectFrom('rows').select('name').execute(), [{ name: 'of one' }]);
    t.strictSame(await two.selectFrom('rows').select('name').execute(), [{ name: 'of two' }]);
  });

  t.test('four that start at once: each migration runs once, and all four work', async (t) => {
    const connect = await open(t);
    const { migrations, ran } = counted({ ...rowsMigrations, '0002-note': addsNote });
    const replicas = [connect(), connect(), connect(), connect()];
    const opened = await Promise.all(
      replicas.map((replica) => replica.open<Rows>({ schema: 'own', migrations })),
    );
    t.strictSame(ran, ['0001-rows', '0002-note']);
    await Promise.all(
      opened.map((db, id) =>
        db
          .insertInto('rows')
          .values({ id, name: `${id}` })
          .execute(),
      ),
    );
    t.equal((await opened[0]?.selectFrom('rows').select('id').execute())?.length, 4);
  });

  t.test('a failed migration is named, and nothing of it stays, only what came before it', async (t) => {
    const connect = await open(t);
    const broken = { ...rowsMigrations, '0002-half': fails };
    await t.rejects(connect().open({ schema: 'own', migrations: broken }), {
      message: 'migration own/0002-half failed: column "nonsense" does not exist',
    });
    const { migrations, ran } = counted({ ...rowsMigrations, '0002-half': addsNote });
    const db = await connect().open<Rows>({ schema: 'own', migrations });
    t.strictSame(ran, ['0002-half']);
    const { rows } = await sql`
      select table_name as name from information_schema.tables where table_schema = 'own' order by 1
    `.execute(db);
    t.strictSame(rows, [{ name: 'migrations' }, { name: 'migrations_lock' }, { name: 'rows' }]);
  });

  t.test('a database of a newer version is used as it is, with a warning', async (t) => {
    const log = logLines();
    const connect = await open(t, { logger: log.logger });
    await connect().open({ schema: 'own', migrations: { ...rowsMigrations, '0002-note': addsNote } });
    t.equal(log.text(), '');
    const db = await connect().open<Rows>({ schema: 'own', migrations: rowsMigrations });
    await db.insertInto('rows').values({ id: 1, name: 'of the old version' }).execute();
    const { level, schema, newer } = JSON.parse(log.text());
    t.strictSame({ level, schema, newer }, { level: 'warn', schema: 'own', newer: ['0002-note'] });
  });

  t.test('a migration that comes before one that ran already stops the start', async (t) => {
    const connect = await open(t);
    await connect().open({ schema: 'own', migrations: { '0002-rows': rowsTable } });
    const late = { '0001-late': addsNote, '0002-rows': rowsTable };
    await t.rejects(connect().open({ schema: 'own', migrations: late }), {
      message: /^migrations of own: .*0002-rows/,
    });
  });
}
