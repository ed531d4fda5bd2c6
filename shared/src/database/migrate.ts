import { type Kysely, sql, type Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Migrations, SchemaDefinition } from './database.ts';

const migrationTableName = 'migrations';

/** Milliseconds that a replica waits for the one that migrates, which keeps nobody else from anything. */
const turnWaitMs = 60_000;
/**
 * Milliseconds that a migration waits for a table. Whoever asks for the table meanwhile waits behind it, so this is
 * well under the time that a query may take, and under the second after which Postgres looks for a deadlock and may
 * end somebody's request instead of the migration.
 */
const tableWaitMs = 500;

/**
 * Brings one schema up to date, each migration in a transaction of its own, so that no lock outlives it. Whoever
 * comes second waits on the advisory lock and then finds nothing to do. Migrations that the database has and this
 * code does not are left alone with a warning, so that the old version goes on beside the new one while replicas
 * are replaced. Throws `database-unavailable`, to be tried again, when a table was not free in time.
 */
export async function migrate(
  database: Kysely<unknown>,
  definition: SchemaDefinition,
  logger: Logger,
): Promise<void> {
  const newer = await database.transaction().execute((transaction) => prepare(transaction, definition));
  if (newer.length > 0) {
    logger.warn({ schema: definition.schema, newer }, 'the database has migrations of a newer version');
  }
  for (let done = false; !done; ) {
    done = await database.transaction().execute((transaction) => runNext(transaction, definition));
  }
}

/** Holds the lock that lets one replica at a time migrate, until the end of the transaction. */
async function takeTurn(transaction: Transaction<unknown>, schema: string): Promise<void> {
  await sql`set local statement_timeout = 0`.execute(transaction);
  await sql`set local lock_timeout = ${sql.lit(turnWaitMs)}`.execute(transaction);
  await sql`select pg_advisory_xact_lock(hashtextextended(${`migrations of ${schema}`}, 0))`.execute(
    transaction,
  );
  await sql`set local lock_timeout = ${sql.lit(tableWaitMs)}`.execute(transaction);
}

/** Creates the schema; answers which migrations it has that this code does not know. */
async function prepare(
  transaction: Transaction<unknown>,
  { schema, migrations }: SchemaDefinition,
): Promise<string[]> {
  await takeTurn(transaction, schema);
  if (!(await schemaExists(transaction, schema))) await transaction.schema.createSchema(schema).execute();
  return unknownTo(migrations, await appliedMigrations(transaction, schema));
}

/** Runs the first migration that is missing, if one is; answers whether none was. */
async function runNext(
  transaction: Transaction<unknown>,
  { schema, migrations }: SchemaDefinition,
): Promise<boolean> {
  await takeTurn(transaction, schema);
  const applied = await appliedMigrations(transaction, schema);
  if (Object.keys(migrations).every((name) => applied.includes(name))) return true;
  await run(transaction, schema, { ...migrations, ...asKnown(unknownTo(migrations, applied)) });
  return false;
}

function unknownTo(migrations: Migrations, applied: readonly string[]): string[] {
  return applied.filter((name) => !(name in migrations));
}

/** Asked first: a role that owns its schema and may create none would be refused `if not exists` too. */
async function schemaExists(transaction: Transaction<unknown>, schema: string): Promise<boolean> {
  const { rows } = await sql`select from pg_namespace where nspname = ${schema}`.execute(transaction);
  return rows.length > 0;
}

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
  const { error, results } = await migrator.migrateUp();
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
