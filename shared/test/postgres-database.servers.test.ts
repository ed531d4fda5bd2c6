import t from 'tap';
import { postgresDatabase } from '../src/database/postgres.ts';
import { createLogger } from '../src/logger.ts';
import { emptyDatabase } from './harness/parts.ts';
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
