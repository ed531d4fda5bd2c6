import { migrations as authMigrations } from '@vestibule/auth/migrations/index';
import { postgresDatabase } from '@vestibule/shared/database/postgres';
import { createLogger } from '@vestibule/shared/logger';
import { migrations as userMigrations } from '@vestibule/user/migrations/index';
import pg from 'pg';

const name = 'yardstick';

/** A database for the yardstick on the platform's server, with the platform's tables and indexes, and nothing in them. */
export async function makeYardstickDatabase(server: string): Promise<string> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = postgresDatabase({
    url: url.href,
    timeoutMs: 60_000,
    poolSize: 1,
    logger: createLogger({ level: 'warn', name: 'bench' }),
  });
  await database.open({ schema: 'users', migrations: userMigrations });
  await database.open({ schema: 'auth', migrations: authMigrations });
  await database.close();
  return url.href;
}
