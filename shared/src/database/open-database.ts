import { type Dialect, Kysely, sql } from 'kysely';
import type { Logger } from '../logger.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';

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
  return {
    async open<Tables>(definition: Parameters<Database['open']>[0]) {
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
    close,
  };
}
