import { Pool, type PoolConfig, type QueryResult, TypeOverrides } from 'pg';
import type { Logger } from '../logger.ts';
import type { Registry } from '../metrics.ts';
import type { Database } from './database.ts';
import { type Sessions, sessionDialect } from './dialect.ts';
import { openDatabase } from './open-database.ts';
import { watchPool } from './pool-metrics.ts';
import { sqlStateOf } from './sql-errors.ts';
import { parsers } from './sql-types.ts';

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
  };
  const pool = createPool(logger, {
    ...common,
    max: poolSize,
    statement_timeout: timeoutMs,
    // A little less, so that the log tells a lock that is kept from a slow statement.
    lock_timeout: Math.ceil(timeoutMs * 0.9),
    query_timeout: timeoutMs + graceMs,
    // Who hangs with a transaction open must not keep its locks.
    idle_in_transaction_session_timeout: timeoutMs * 5,
  });
  if (metrics) watchPool(metrics, pool);
  const migrationPool = createPool(logger, {
    ...common,
    max: 1,
    idleTimeoutMillis: 1,
    query_timeout: migrationMs,
  });
  return openDatabase({
    dialect: sessionDialect(sessionsOf(pool)),
    migrationDialect: sessionDialect(sessionsOf(migrationPool)),
    logger,
    async close() {
      await Promise.all([pool.end(), migrationPool.end()]);
    },
  });
}

function createPool(logger: Logger, config: PoolConfig): Pool {
  const pool = new Pool(config);
  // Without a listener, the end of an idle connection would end the process.
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle connection to Postgres broke'));
  return pool;
}

/** Of the client's errors, all but those of our own parsers and parameters are the connection's. */
function isLost(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return /^(08|57P)/.test(state);
  return !(error instanceof TypeError || error instanceof RangeError);
}

function sessionsOf(pool: Pool): Sessions {
  return {
    isLost,
    async acquire() {
      const client = await pool.connect();
      // A connection that breaks while it is lent tells its query, too.
      const ignore = () => {};
      client.on('error', ignore);
      return {
        query: (sql, parameters): Promise<QueryResult> => client.query(sql, [...parameters]),
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
