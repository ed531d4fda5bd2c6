import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import t from 'tap';
import { postgresDatabase } from '../src/database/postgres.ts';
import { createLogger } from '../src/logger.ts';
import { emptyDatabase, uniqueName } from './harness/parts.ts';
import { startPostgresServer } from './harness/postgres-server.ts';
import { databaseSuite } from './suites/database-suite.ts';

const silent = createLogger({ level: 'silent', name: 'test' });
const own = process.env.TEST_DATABASE_URL === undefined ? await startPostgresServer() : undefined;
const server = process.env.TEST_DATABASE_URL ?? own?.url ?? '';
t.teardown(() => own?.stop());

databaseSuite(t, async (t, { logger = silent } = {}) => {
  const url = await emptyDatabase(t, server);
  return () => {
    const database = postgresDatabase({ url, timeoutMs: 5000, poolSize: 5, logger });
    t.teardown(() => database.close());
    return database;
  };
});

t.test('a role that owns its schema and may create none brings it up to date', async (t) => {
  const url = new URL(await emptyDatabase(t, server));
  const role = uniqueName();
  const administrator = new pg.Client({ connectionString: url.href });
  await administrator.connect();
  t.teardown(async () => {
    await administrator.query(`drop owned by "${role}" cascade`);
    await administrator.query(`drop role "${role}"`);
    await administrator.end();
  });
  await administrator.query(`create role "${role}" login password 'sesame'`);
  await administrator.query(`create schema rows authorization "${role}"`);
  url.username = role;
  url.password = 'sesame';
  const database = postgresDatabase({ url: url.href, timeoutMs: 5000, poolSize: 5, logger: silent });
  const notes = {
    async up(db: Kysely<unknown>) {
      await db.schema.createTable('notes').addColumn('id', 'integer').execute();
    },
  };
  const open = (schema: string) => database.open({ schema, migrations: { '0001-notes': notes } });
  try {
    const { rows } = await sql`select count(*) as notes from rows.notes`.execute(await open('rows'));
    t.same(rows, [{ notes: 0 }]);
    await t.resolves(open('rows'), 'and again');
    await t.rejects(open('others'), { code: '42501' });
  } finally {
    await database.close();
  }
});
