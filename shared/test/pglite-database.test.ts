import { sql } from 'kysely';
import t from 'tap';
import { pgliteDatabase } from '../src/database/pglite.ts';
import { codeOf } from '../src/errors.ts';
import { createLogger } from '../src/logger.ts';
import { embeddedDatabase, ownEmbeddedDatabase } from './harness/embedded-database.ts';
import { pgliteTemplate } from './harness/pglite-template.ts';
import { type Rows, rowsMigrations } from './suites/database-fixture.ts';
import { databaseSuite } from './suites/database-suite.ts';

const silent = createLogger({ level: 'silent', name: 'test' });

databaseSuite(t, async (t, { own = false, logger } = {}) => {
  const database = own || logger ? await ownEmbeddedDatabase(t, logger) : await embeddedDatabase(t);
  return () => database;
});

t.test('who asks the database instead of the transaction fails in time, and undoes it', async (t) => {
  const template = await pgliteTemplate();
  const database = await pgliteDatabase({ dataDir: undefined, logger: silent, timeoutMs: 100, template });
  t.teardown(() => database.close());
  const db = await database.open<Rows>({ schema: 'rows', migrations: rowsMigrations });
  const mistaken = db.transaction().execute(async (tx) => {
    await tx.insertInto('rows').values({ id: 1, name: 'a' }).execute();
    await db.selectFrom('rows').selectAll().execute();
  });
  t.equal(await mistaken.catch(codeOf), 'database-unavailable');
  t.strictSame(await db.selectFrom('rows').selectAll().execute(), []);
});

t.test('a parameter that cannot be written is our own fault, and its transaction is undone', async (t) => {
  const db = await (await embeddedDatabase(t)).open<Rows>({ schema: 'rows', migrations: rowsMigrations });
  const failing = db.transaction().execute(async (tx) => {
    await tx.insertInto('rows').values({ id: 1, name: 'a' }).execute();
    await sql`select ${'no bytes'}::bytea`.execute(tx);
  });
  t.equal(await failing.catch(codeOf), 'internal');
  t.strictSame(await db.selectFrom('rows').selectAll().execute(), []);
});
