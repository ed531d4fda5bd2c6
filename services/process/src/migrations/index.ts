import type { Migrations } from '@vestibule/shared/database/database';
import { outboxMigration, seenEventsMigration } from '@vestibule/shared/outbox/migrations';
import { processes } from './0001-processes.ts';
import { overdueTasks } from './0004-overdue-tasks.ts';
import { firstAnswers } from './0005-first-answers.ts';
import { erasures } from './0006-erasures.ts';

/** In the order in which they run; one that was released is never changed. */
export const migrations: Migrations = {
  '0001-processes': processes,
  '0002-outbox': outboxMigration,
  '0003-seen-events': seenEventsMigration,
  '0004-overdue-tasks': overdueTasks,
  '0005-first-answers': firstAnswers,
  '0006-erasures': erasures,
};
