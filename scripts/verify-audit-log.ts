// Says whether the audit log is as it was written; on the platform's own DATABASE_URL or DATA_DIR. Exit code 1: it is
// not, or cannot be read. usage: npm run audit:verify
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { verifyAuditLog } from '@vestibule/auth/audit/verify-audit-log';
import { CommonSettings, readConfig, SettingError } from '@vestibule/shared/config';
import { createLogger } from '@vestibule/shared/logger';
import { openPlatformDatabase } from '@vestibule/shared/open-parts';

async function verify(): Promise<void> {
  const settings = readConfig(CommonSettings, process.env);
  const { DATABASE_URL, DATA_DIR } = settings;
  // Nothing is made of a folder that was named by mistake.
  if (!DATABASE_URL && !existsSync(join(DATA_DIR, 'postgres'))) {
    throw new SettingError(`there is no database in ${resolve(DATA_DIR)}: set DATA_DIR, or DATABASE_URL`);
  }
  const logger = createLogger({ level: 'silent', name: 'verify-audit-log' });
  const database = await openPlatformDatabase({ settings, name: 'verify-audit-log', logger });
  try {
    if (!(await database.ready())) {
      throw new SettingError('the database does not answer, or refuses the login');
    }
    const { entries, head, fault } = await verifyAuditLog(database);
    if (fault !== null) throw new Error(`${entries} entries are as they were written; then ${fault}`);
    console.log(`${entries} entries are as they were written; the last one's hash is ${head.hash}`);
  } finally {
    await database.close();
  }
}

try {
  await verify();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
