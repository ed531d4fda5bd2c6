import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What is overdue and not done yet is counted again and again. */
export const overdueTasks: Migration = {
  async up(db) {
    await db.schema
      .createIndex('tasks_overdue')
      .on('tasks')
      .column('overdue_at')
      .where(sql<boolean>`overdue_at is not null and status in ('open', 'claimed')`)
      .execute();
  },
};
