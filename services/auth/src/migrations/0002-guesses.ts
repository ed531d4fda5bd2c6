import type { Migration } from 'kysely/migration';

/** What limits the guessing of passwords when the store is away, and whom it must not lock out. */
export const guesses: Migration = {
  async up(db) {
    await db.schema
      .createTable('guess_counters')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('count', 'integer', (column) => column.notNull())
      .addColumn('window_ends', 'timestamptz', (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex('guess_counters_window_ends')
      .on('guess_counters')
      .column('window_ends')
      .execute();

    await db.schema
      .createTable('known_addresses')
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('address', 'text', (column) => column.notNull())
      .addColumn('last_seen_at', 'timestamptz', (column) => column.notNull())
      .addPrimaryKeyConstraint('known_addresses_pkey', ['subject', 'address'])
      .execute();
    await db.schema
      .createIndex('known_addresses_last_seen_at')
      .on('known_addresses')
      .column('last_seen_at')
      .execute();
  },
};
