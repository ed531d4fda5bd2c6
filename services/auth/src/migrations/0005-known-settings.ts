import type { Migration } from 'kysely/migration';

/** What each part of the platform was last started with, as far as it may be told. */
export const knownSettings: Migration = {
  async up(db) {
    await db.schema
      .createTable('known_settings')
      .addColumn('part', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('known_settings_pkey', ['part', 'name'])
      .execute();
  },
};
