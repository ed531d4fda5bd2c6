import { type Kysely, sql, type Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Migrations, SchemaDefinition } from './database.ts';

const migrationTableName = 'migrations';

/**
 * Brings one schema up to date in one transaction: all of it or nothing. Whoever comes second waits on the
 * advisory lock and then finds nothing to do. Migrations that the database has and this code does not are
 * left alone with a warning, so that the old version goes on beside the new one while replicas are replaced.
 */
export async function migrate(
  database: Kysely<unknown>,
  { schema, migrations }: SchemaDefinition,
  logger: Logger,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await sql`set local statement_timeout = 0`.execute(transaction);
    await sql`set local lock_timeout = ${sql.lit(lockWaitMs)}`.execute(transaction);
    await sql`select pg_advisory_xact_lock(hashtextextended(${`migrations of ${schema}`}, 0))`.execute(
      transaction,
    );
    if (!(await schemaExists(transaction, schema))) await transaction.schema.createSchema(schema).execute();
    const newer = (await appliedMigrations(transaction, schema)).filter((name) => !(name in migrations));
    if (newer.length > 0) logger.warn({ schema, newer }, 'the database has migrations of a newer version');
    await run(transaction, schema, { ...migrations, ...asKnown(newer) });
  });
}

/** Asked first: a role that owns its schema and may create none would be refused `if not exists` too. */
async function schemaExists(transaction: Transaction<unknown>, schema: string): Promise<boolean> {
  const { rows } = await sql`select from pg_namespace where nspname = ${schema}`.execute(transaction);
  return rows.length > 0;
}

/** How long a replica waits for the one that migrates, and a migration for the tables it changes. */
const lockWaitMs = 60_000;

/** Kysely refuses a database with migrations that it is not given; these are applied and never run. */
function asKnown(names: readonly string[]): Migrations {
  return Object.fromEntries(names.map((name) => [name, { async up() {} }]));
}

async function appliedMigrations(transaction: Transaction<unknown>, schema: string): Promise<string[]> {
  const table = sql.table(`${schema}.${migrationTableName}`);
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from information_schema.tables
      where table_schema = ${schema} and table_name = ${migrationTableName}) as found`.execute(transaction);
  if (!rows[0]?.found) return [];
  const applied = await sql<{ name: string }>`select name from ${table}`.execute(transaction);
  return applied.rows.map(({ name }) => name);
}

async function run(transaction: Transaction<unknown>, schema: string, migrations: Migrations): Promise<void> {
  const migrator = new Migrator({
    db: transaction.withSchema(schema),
    provider: { getMigrations: async () => migrations },
    migrationTableName,
    migrationLockTableName: `${migrationTableName}_lock`,
    migrationTableSchema: schema,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof AppError) throw error;
  const name = results?.find(({ status }) => status === 'Error')?.migrationName;
  const reason = error instanceof Error ? error.message : String(error);
  throw new Error(
    name ? `migration ${schema}/${name} failed: ${reason}` : `migrations of ${schema}: ${reason}`,
    {
      cause: error,
    },
  );
}
