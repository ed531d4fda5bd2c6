import { type Dialect, PostgresAdapter, PostgresDialect, type PostgresPool } from 'kysely';
import { saysAway, sqlStateOf, unavailable } from './sql-errors.ts';

/** What one statement answers. */
export type Answer = { rows: unknown[]; command: string; rowCount: number | null };

/** One session of the database, lent to one query or one transaction at a time. */
export type Session = {
  query(sql: string, parameters: readonly unknown[]): Promise<Answer>;
  /** Gives it back; a `broken` one must not be lent again. */
  release(broken: boolean): void;
};

/** Where sessions come from: a pool of Postgres, or the only one that PGlite has. */
export type Sessions = {
  acquire(): Promise<Session>;
  /** Whether a query's error means that its session is lost, or hangs. */
  isLost(error: unknown): boolean;
};

/** Migrations hold an advisory lock of their own transaction; Kysely's is one of the session, and outlives a failure. */
class TransactionLockAdapter extends PostgresAdapter {
  override async acquireMigrationLock() {}
  override async releaseMigrationLock() {}
}

/**
 * Kysely's Postgres dialect over any sessions. The one place where failures of the database become
 * `database-unavailable`; a session that is lost or hangs is not used again.
 */
export function sessionDialect(sessions: Sessions): Dialect {
  const pool: PostgresPool = {
    options: {},
    async connect() {
      const session = await sessions.acquire().catch((error: unknown) => {
        // A refused login or an unknown database is not away; what has no state is a time-out or the net.
        throw sqlStateOf(error) === undefined || saysAway(error) ? unavailable(error) : error;
      });
      let lost: unknown;
      return {
        async query(sql: string, parameters: readonly unknown[]) {
          // The rollback after it would only wait once more.
          if (lost !== undefined) throw lost;
          try {
            return await session.query(sql, parameters);
          } catch (error) {
            if (sessions.isLost(error)) {
              lost = unavailable(error);
              throw lost;
            }
            throw saysAway(error) ? unavailable(error) : error;
          }
        },
        release: (destroy = false) => session.release(lost !== undefined || destroy),
        // Kysely also describes cursors here, which nothing of ours asks for.
      } as Awaited<ReturnType<PostgresPool['connect']>>;
    },
    async end() {},
  };
  const dialect = new PostgresDialect({ pool });
  return {
    createAdapter: () => new TransactionLockAdapter(),
    createDriver: () => dialect.createDriver(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}
