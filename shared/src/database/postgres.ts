import { Pool, type PoolConfig, TypeOverrides } from 'pg';
import type { Logger } from '../logger.ts';
import type { Registry } from '../metrics.ts';
import type { Database } from './database.ts';
import { sessionDialect } from './dialect.ts';
import type { Sessions } from './lent-connection.ts';
import { openDatabase } from './open-database.ts';
import { watchPool } from './pool-metrics.ts';
import { ask, isLost } from './postgres-statements.ts';
import { sharedConnections } from './shared-connections.ts';
import { parsers } from './sql-types.ts';
import { createStatementNames, type StatementNames } from './statement-names.ts';

type Options = {
  /** `DATABASE_URL`. */
  url: string;
  /** Milliseconds that a connect, a wait for a free connection, a query or a lock may take, each. */
  timeoutMs: number;
  /** Connections at most. */
  poolSize: number;
  logger: Logger;
  /** Of the connections, as `pg_stat_activity` lists them. */
  name?: string;
  /** Shows how far the pool is used. */
  metrics?: Registry;
};

/** How much longer this side waits than the server, so that the server ends a slow query first. */
const graceMs = 250;
/** A migration may take long, but a server that hangs must not hold a start for ever. */
const migrationMs = 600_000;
/** Of the connections, those that plain reads share; the others are lent to one at a time. */
const sharedAtMost = 2;
/** A pool as small as this is left to transactions. */
const smallestToShare = 4;

/**
 * A pool on a Postgres server. Nothing waits without bound: a server that is away or frozen is
 * `database-unavailable` after `timeoutMs` and 250 ms at most. A statement that ended like that may have been
 * executed all the same; a transaction was not, unless it was the commit that went unanswered.
 */
export function postgresDatabase({
  url,
  timeoutMs,
  poolSize,
  logger,
  name = 'vestibule',
  metrics,
}: Options): Database {
  const common: PoolConfig = {
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: timeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: typeParsers(),
    // It takes longer to compile than any statement of ours to run, and guesses what one costs from rows that it never reads.
    options: '-c jit=off',
  };
  const bounded: PoolConfig = {
    ...common,
    statement_timeout: timeoutMs,
    // A little less, so that the log tells a lock that is kept from a slow statement.
    lock_timeout: Math.ceil(timeoutMs * 0.9),
    query_timeout: timeoutMs + graceMs,
    // Who hangs with a transaction open must not keep its locks.
    idle_in_transaction_session_timeout: timeoutMs * 5,
  };
  const names = createStatementNames();
  const most = poolSize < smallestToShare ? 0 : sharedAtMost;
  const pool = createPool(logger, { ...bounded, max: poolSize - most });
  const shared = sharedConnections({ most, config: bounded, names, logger });
  if (metrics) watchPool(metrics, pool, shared);
  const migrationPool = createPool(logger, {
    ...common,
    max: 1,
    idleTimeoutMillis: 1,
    query_timeout: migrationMs,
  });
  return openDatabase({
    dialect: sessionDialect({ ...sessionsOf(pool, names), read: shared.read }),
    // What a migration says is said once.
    migrationDialect: sessionDialect(sessionsOf(migrationPool, createStatementNames(0))),
    logger,
    async close() {
      await Promise.all([shared.close(), pool.end(), migrationPool.end()]);
    },
  });
}

function createPool(logger: Logger, config: PoolConfig): Pool {
  const pool = new Pool(config);
  // Without a listener, the end of an idle connection would end the process.
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle connection to Postgres broke'));
  return pool;
}

function sessionsOf(pool: Pool, names: StatementNames): Sessions {
  return {
    isLost,
    async acquire() {
      const client = await pool.connect();
      // A connection that breaks while it is lent tells its query, too.
      const ignore = () => {};
      client.on('error', ignore);
      return {
        query: (statement) => ask(client, statement, names),
        release(broken) {
          client.off('error', ignore);
          client.release(broken);
        },
      };
    },
  };
}

function typeParsers(): TypeOverrides {
  const types = new TypeOverrides();
  for (const [oid, parse] of Object.entries(parsers)) types.setTypeParser(Number(oid), parse);
  return types;
}
