import { setTimeout as delay } from 'node:timers/promises';
import { type Dialect, Kysely, sql } from 'kysely';
import { codeOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Database, SchemaDefinition } from './database.ts';
import { migrate } from './migrate.ts';

/** Milliseconds between two tries to reach a database that is away at the start. */
const retryMs = 500;

/** What the two databases have in common: one Kysely for all services, each in a schema of its own. */
export function openDatabase({
  dialect,
  migrationDialect,
  logger,
  close,
}: {
  dialect: Dialect;
  /** Where migrations run, which may take longer than any query. */
  migrationDialect: Dialect;
  logger: Logger;
  close(): Promise<void>;
}): Database {
  const database = new Kysely<unknown>({ dialect });
  const migrating = new Kysely<unknown>({ dialect: migrationDialect });
  let closing: Promise<void> | undefined;

  /** Resolves when the database answers; a refused login or an unknown database is an error at once. */
  async function reach() {
    for (let told = false; ; told = true) {
      try {
        await sql`select 1`.execute(database);
        return;
      } catch (error) {
        if (closing || codeOf(error) !== 'database-unavailable') throw error;
        if (!told) logger.warn({ err: error }, 'the database is away: waiting for it');
        await delay(retryMs);
      }
    }
  }

  return {
    async open<Tables>(definition: SchemaDefinition) {
      await reach();
      await migrate(migrating, definition, logger);
      // Its tables are what the migrations have just made of the schema; no type can know that.
      return database.withSchema(definition.schema) as Kysely<Tables>;
    },
    async ready() {
      try {
        await sql`select 1`.execute(database);
        return true;
      } catch {
        return false;
      }
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
