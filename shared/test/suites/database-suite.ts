import { sql } from 'kysely';
import type { Test } from 'tap';
import { isUniqueViolation, sqlStateOf } from '../../src/database/sql-errors.ts';
import { codeOf } from '../../src/errors.ts';
import { type OpenDatabases, type Rows, rowsMigrations } from './database-fixture.ts';
import { migrationsSuite } from './migrations-suite.ts';
import { transactionsSuite } from './transactions-suite.ts';

/** What every database promises. */
export function databaseSuite(t: Test, open: OpenDatabases): void {
  t.test('rows', async (t) => rowsSuite(t, open));
  t.test('transactions', async (t) => transactionsSuite(t, open));
  t.test('migrations', async (t) => migrationsSuite(t, open));
}

function rowsSuite(t: Test, open: OpenDatabases): void {
  async function openRows(t: Test, options: { own?: boolean } = {}) {
    const database = (await open(t, options))();
    return { database, db: await database.open<Rows>({ schema: 'rows', migrations: rowsMigrations }) };
  }

  t.test('values of every type in use arrive alike', async (t) => {
    const { db } = await openRows(t);
    const { rows } = await sql`
      select 9007199254740991::int8 as int8, '{1,null,3}'::int8[] as int8s, '{}'::int8[] as no_int8s,
        -5::int4 as int4, 1.5::float8 as float8, 12345678901234567890.5::numeric as numeric,
        '2026-01-02 03:04:05.678+08'::timestamptz as timestamptz, '2026-01-02 03:04:05'::timestamp as timestamp,
        '2026-01-02'::date as date, '03:04:05'::time as time, '1 day 02:03'::interval as interval,
        '{"a": [1, null]}'::jsonb as jsonb, '"text"'::json as json, '\\x00ff'::bytea as bytea,
        '张三 🎉' as text, '{a,null}'::text[] as texts, true as bool, null as nothing,
        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as uuid, count(*) as count from generate_series(1, 3)
    `.execute(db);
    t.strictSame(rows, [
      {
        int8: 9_007_199_254_740_991,
        int8s: [1, null, 3],
        no_int8s: [],
        int4: -5,
        float8: 1.5,
        numeric: '12345678901234567890.5',
        timestamptz: new Date('2026-01-01T19:04:05.678Z'),
        timestamp: '2026-01-02 03:04:05',
        date: '2026-01-02',
        time: '03:04:05',
        interval: '1 day 02:03:00',
        jsonb: { a: [1, null] },
        json: 'text',
        bytea: Buffer.from([0, 255]),
        text: '张三 🎉',
        texts: ['a', null],
        bool: true,
        nothing: null,
        uuid: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
        count: 3,
      },
    ]);
  });

  t.test('an int8 that a number cannot hold is an error, not another number', async (t) => {
    const { db } = await openRows(t);
    await t.rejects(sql`select 9007199254740993::int8`.execute(db), RangeError);
    await t.rejects(sql`select '{9007199254740993}'::int8[]`.execute(db), RangeError);
    t.strictSame((await sql`select 1::int8 as one`.execute(db)).rows, [{ one: 1 }]);
  });

  t.test('values that are given arrive as they were', async (t) => {
    const { db } = await openRows(t);
    const at = new Date('2026-01-01T19:04:05.678Z');
    const bytes = Buffer.from([0, 1, 255]);
    const { rows } = await sql`
      select ${12_345_678_901}::int8 as id, ${at}::timestamptz as at, ${bytes}::bytea as bytes,
        ${JSON.stringify({ a: ['"', null] })}::jsonb as json, ${"it's \\ 张"}::text as text,
        ${null}::text as nothing, ${false}::bool as no, ${['a', 'b,"c"']}::text[] as texts
    `.execute(db);
    t.strictSame(rows, [
      {
        id: 12_345_678_901,
        at,
        bytes,
        json: { a: ['"', null] },
        text: "it's \\ 张",
        nothing: null,
        no: false,
        texts: ['a', 'b,"c"'],
      },
    ]);
  });

  t.test('a change tells how many rows it changed', async (t) => {
    const { db } = await openRows(t);
    const inserted = await db
      .insertInto('rows')
      .values([
        { id: 1, name: 'a' },
        { id: 2, name: 'b' },
      ])
      .executeTakeFirst();
    t.equal(inserted.numInsertedOrUpdatedRows, 2n);
    const updated = await db.updateTable('rows').set({ amount: 5 }).where('id', '=', 1).executeTakeFirst();
    t.equal(updated.numUpdatedRows, 1n);
    const deleted = await db.deleteFrom('rows').where('id', '=', 3).executeTakeFirst();
    t.equal(deleted.numDeletedRows, 0n);
  });

  t.test('a unique violation is told from other errors, and its constraint from others', async (t) => {
    const { db } = await openRows(t);
    await db.insertInto('rows').values({ id: 1, name: 'a' }).execute();
    const failure = async (id: number, name: string, amount: number) =>
      await db
        .insertInto('rows')
        .values({ id, name, amount })
        .execute()
        .catch((error: unknown) => error);
    const taken = await failure(2, 'a', 0);
    t.equal(isUniqueViolation(taken), true);
    t.equal(isUniqueViolation(taken, 'rows_name_key'), true);
    t.equal(isUniqueViolation(taken, 'rows_pkey'), false);
    const negative = await failure(3, 'c', -1);
    t.equal(isUniqueViolation(negative), false);
    t.equal(sqlStateOf(negative), '23514');
    t.equal(codeOf(negative), 'internal');
  });

  t.test('a wrong statement is an error of its own, and the next one works', async (t) => {
    const { db } = await openRows(t);
    const error = await sql`select nonsense`.execute(db).catch((error: unknown) => error);
    t.equal(sqlStateOf(error), '42703');
    t.strictSame((await sql`select 1 as one`.execute(db)).rows, [{ one: 1 }]);
  });

  t.test('what was closed is not ready, and its queries are database-unavailable', async (t) => {
    const { database, db } = await openRows(t, { own: true });
    t.equal(await database.ready(), true);
    await database.close();
    t.equal(await database.ready(), false);
    t.equal(await db.selectFrom('rows').selectAll().execute().catch(codeOf), 'database-unavailable');
    await database.close();
  });
}
