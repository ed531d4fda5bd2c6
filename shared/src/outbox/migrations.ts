import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The events that are to be published, and who publishes them now. */
export const outboxMigration: Migration = {
  async up(db) {
    await db.schema
      .createTable('outbox')
      .addColumn('number', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('event', 'jsonb', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('outbox_lease')
      .addColumn('holder', 'text', (column) => column.notNull())
      .addColumn('until', 'timestamptz', (column) => column.notNull())
      .execute();
    await db.insertInto('outbox_lease').values({ holder: '', until: sql`'-infinity'` }).execute();
  },
};

/** The events that this service's consumers have handled. */
export const seenEventsMigration: Migration = {
  async up(db) {
    await db.schema
      .createTable('seen_events')
      .addColumn('consumer', 'text', (column) => column.notNull())
      .addColumn('event_id', 'uuid', (column) => column.notNull())
      .addColumn('seen_at', 'timestamptz', (column) => column.notNull())
      .addPrimaryKeyConstraint('seen_events_pkey', ['consumer', 'event_id'])
      .execute();
    await db.schema.createIndex('seen_events_seen_at').on('seen_events').column('seen_at').execute();
  },
};
