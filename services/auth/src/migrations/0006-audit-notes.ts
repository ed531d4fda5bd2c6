import type { Migration } from 'kysely/migration';

/** What waits for its line in the audit log without having been an event. */
export const auditNotes: Migration = {
  async up(db) {
    await db.schema
      .createTable('audit_notes')
      .addColumn('number', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
      .addColumn('event', 'jsonb', (column) => column.notNull())
      .execute();
  },
};
