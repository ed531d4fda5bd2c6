import type { Database } from '@vestibule/shared/database/database';
import type { AuthTables } from '../tables.ts';
import { type Verdict, verifyChain } from './audit-chain.ts';
import { createAuditRepository } from './audit-repository.ts';

/** Reads the whole audit log of a platform's database, as it is at one moment, and says whether it is as it was written. */
export async function verifyAuditLog(database: Database): Promise<Verdict> {
  // It looks only, so it makes nothing either.
  const db = await database.open<AuthTables>({ schema: 'auth', migrations: {} });
  const snapshot = db.transaction().setIsolationLevel('repeatable read');
  return snapshot.execute(async (tx) => {
    const repository = createAuditRepository({ db: tx });
    return verifyChain(repository.all(), await repository.head());
  });
}
