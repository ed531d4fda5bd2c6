import type { Migrations } from '@vestibule/shared/database/database';
import { outboxMigration } from '@vestibule/shared/outbox/migrations';
import { sessions } from './0001-sessions.ts';
import { guesses } from './0002-guesses.ts';
import { auditLog } from './0004-audit-log.ts';
import { knownSettings } from './0005-known-settings.ts';
import { auditNotes } from './0006-audit-notes.ts';

/** In the order in which they run; one that was released is never changed. */
export const migrations: Migrations = {
  '0001-sessions': sessions,
  '0002-guesses': guesses,
  '0003-outbox': outboxMigration,
  '0004-audit-log': auditLog,
  '0005-known-settings': knownSettings,
  '0006-audit-notes': auditNotes,
};
