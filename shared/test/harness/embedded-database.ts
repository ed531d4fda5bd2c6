import { type Kysely, sql } from 'kysely';
import root, { type Test } from 'tap';
import type { Database } from '../../src/database/database.ts';
import { pgliteDatabase } from '../../src/database/pglite.ts';
import { createLogger, type Logger } from '../../src/logger.ts';
import { pgliteTemplate } from './pglite-template.ts';

const silent = createLogger({ level: 'silent', name: 'test' });

type Instance = { database: Database; db: Kysely<object> };
/** Instances that no test uses now: an emptied one is had in milliseconds, a new one takes half a second. */
const idle: Instance[] = [];
// An open one would keep the test's process running.
root.teardown(() => Promise.all(idle.map(({ database }) => database.close())));

/** An empty embedded database in memory, for one test at a time. Closing it has no effect. */
export async function embeddedDatabase(t: Test): Promise<Database> {
  const instance = idle.pop() ?? (await start());
  t.teardown(async () => {
    await empty(instance);
    idle.push(instance);
  });
  return { ...instance.database, close: async () => {} };
}

/** One that belongs to a test alone, which may close it. */
export async function ownEmbeddedDatabase(t: Test, logger: Logger = silent): Promise<Database> {
  const database = await pgliteDatabase({ dataDir: undefined, logger, template: await pgliteTemplate() });
  t.teardown(() => database.close());
  return database;
}

async function start(): Promise<Instance> {
  const database = await pgliteDatabase({
    dataDir: undefined,
    logger: silent,
    template: await pgliteTemplate(),
  });
  return { database, db: await database.open<object>({ schema: 'harness', migrations: {} }) };
}

async function empty({ db }: Instance): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select nspname as name from pg_namespace
    where nspname !~ '^pg_' and nspname not in ('information_schema', 'public', 'harness')`.execute(db);
  for (const { name } of rows) await sql`drop schema ${sql.id(name)} cascade`.execute(db);
}
