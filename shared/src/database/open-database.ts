import { setTimeout as delay } from 'node:timers/promises';
import { type Dialect, Kysely, sql } from 'kysely';
import { codeOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Database, SchemaDefinition } from './database.ts';
import { migrate } from './migrate.ts';

/** Milliseconds between two tries to reach a database that is away at the start. */
const retryMs = 500;
/** And to get at a table that somebody keeps: those who waited behind the last try get their turn. */
const migrationRetryMs = 2000;

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

  /** Tries until the database is there for it; any other error, like a refused login, is one at once. */
  async function insist(work: () => Promise<unknown>, pauseMs: number, waiting: string) {
    for (let told = false; ; told = true) {
      try {
        await work();
        return;
      } catch (error) {
        if (closing || codeOf(error) !== 'database-unavailable') throw error;
        if (!told) logger.warn({ err: error }, waiting);
        await delay(pauseMs);
      }
    }
  }

  return {
    async open<Tables>(definition: SchemaDefinition) {
      const { schema } = definition;
      await insist(() => sql`select 1`.execute(database), retryMs, 'the database is away: waiting for it');
      await insist(
        () => migrate(migrating, definition, logger),
        migrationRetryMs,
        `a migration of ${schema} does not get at its table or the database: trying again`,
      );
      // Its tables are what the migrations have just made of the schema; no type can know that.
      return database.withSchema(schema) as Kysely<Tables>;
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
