import { type Dialect, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { type Sessions, sessionDriver } from './lent-connection.ts';

/** Migrations hold an advisory lock of their own transaction; Kysely's is one of the session, and outlives a failure. */
class TransactionLockAdapter extends PostgresAdapter {
  override async acquireMigrationLock() {}
  override async releaseMigrationLock() {}
}

/** Kysely's Postgres dialect over any sessions. */
export function sessionDialect(sessions: Sessions): Dialect {
  return {
    createAdapter: () => new TransactionLockAdapter(),
    createDriver: () => sessionDriver(sessions),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}
