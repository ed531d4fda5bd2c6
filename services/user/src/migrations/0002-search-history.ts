import type { Migration } from 'kysely/migration';

/** The newest searches of each account. */
export const searchHistory: Migration = {
  async up(db) {
    await db.schema
      .createTable('search_history')
      .addColumn('account_id', 'bigint', (column) => column.notNull().references('accounts.id'))
      .addColumn('entry', 'text', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('search_history_pkey', ['account_id', 'entry'])
      .execute();
  },
};
