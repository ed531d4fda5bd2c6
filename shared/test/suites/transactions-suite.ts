import { type Kysely, sql } from 'kysely';
import type { Test } from 'tap';
import { codeOf } from '../../src/errors.ts';
import { type OpenDatabases, type Rows, rowsMigrations } from './database-fixture.ts';

/** Transactions: whole, apart, and gone when they fail. */
export function transactionsSuite(t: Test, open: OpenDatabases): void {
  async function openRows(t: Test) {
    const connect = await open(t);
    return connect().open<Rows>({ schema: 'rows', migrations: rowsMigrations });
  }
  const names = async (db: Kysely<Rows>) => {
    const rows = await db.selectFrom('rows').select('name').orderBy('id').execute();
    return rows.map(({ name }) => name);
  };

  t.test('what a transaction wrote is there after it, all of it', async (t) => {
    const db = await openRows(t);
    const answer = await db.transaction().execute(async (tx) => {
      await tx.insertInto('rows').values({ id: 1, name: 'a' }).execute();
      await tx.insertInto('rows').values({ id: 2, name: 'b' }).execute();
      return (await names(tx)).length;
    });
    t.equal(answer, 2);
    t.strictSame(await names(db), ['a', 'b']);
  });

  t.test('a transaction that throws leaves nothing, and its own error', async (t) => {
    const db = await openRows(t);
    const failing = db.transaction().execute(async (tx) => {
      await tx.insertInto('rows').values({ id: 1, name: 'a' }).execute();
      throw new Error('changed my mind');
    });
    await t.rejects(failing, { message: 'changed my mind' });
    t.strictSame(await names(db), []);
  });

  t.test('a failed statement undoes its transaction, also when its error is swallowed', async (t) => {
    const db = await openRows(t);
    const failing = db.transaction().execute(async (tx) => {
      await tx.insertInto('rows').values({ id: 1, name: 'a' }).execute();
      await sql`select nonsense`.execute(tx).catch(() => {});
    });
    await t.rejects(failing);
    t.strictSame(await names(db), []);
    await db.insertInto('rows').values({ id: 2, name: 'b' }).execute();
    t.strictSame(await names(db), ['b']);
  });

  t.test('nobody else sees what is not committed', async (t) => {
    const db = await openRows(t);
    let seen: Promise<string[]> | undefined;
    const failing = db.transaction().execute(async (tx) => {
      await tx.insertInto('rows').values({ id: 1, name: 'a' }).execute();
      seen = names(db);
      // One round trip more, so that the other query has been sent.
      await names(tx);
      throw new Error('never mind');
    });
    await t.rejects(failing, { message: 'never mind' });
    t.strictSame(await seen, []);
  });

  t.test('a hundred transactions of two services at once keep apart and lose nothing', async (t) => {
    const connect = await open(t);
    const database = connect();
    const services = await Promise.all(
      ['one', 'two'].map((schema) => database.open<Rows>({ schema, migrations: rowsMigrations })),
    );
    for (const db of services) await db.insertInto('rows').values({ id: 1, name: 'sum' }).execute();
    const add = (db: Kysely<Rows>, turn: number) =>
      db.transaction().execute(async (tx) => {
        const { amount } = await tx
          .selectFrom('rows')
          .select('amount')
          .where('id', '=', 1)
          .forUpdate()
          .executeTakeFirstOrThrow();
        await new Promise(setImmediate);
        await tx
          .updateTable('rows')
          .set({ amount: amount + 1 })
          .where('id', '=', 1)
          .execute();
        if (turn % 5 === 0) throw new Error('every fifth is undone');
      });
    const turns = Array.from({ length: 50 }, (_, turn) => turn);
    const ends = await Promise.allSettled(services.flatMap((db) => turns.map((turn) => add(db, turn))));
    t.equal(ends.filter(({ status }) => status === 'rejected').length, 20);
    for (const db of services) {
      t.strictSame(await db.selectFrom('rows').selectAll().execute(), [{ id: 1, name: 'sum', amount: 40 }]);
    }
  });

  t.test('of 20 that insert one name at once, one gets it', async (t) => {
    const db = await openRows(t);
    const ids = Array.from({ length: 20 }, (_, id) => id);
    const ends = await Promise.all(
      ids.map((id) =>
        db
          .insertInto('rows')
          .values({ id, name: 'taken' })
          .execute()
          .then(() => 'done', codeOf),
      ),
    );
    t.equal(ends.filter((end) => end === 'done').length, 1);
    t.strictSame(await names(db), ['taken']);
  });
}
