import type { Migration } from 'kysely/migration';

/** Accounts that were erased and may have left words here, each until nothing of them is left. */
export const erasures: Migration = {
  async up(db) {
    await db.schema
      .createTable('erasures')
      .addColumn('account_id', 'bigint', (column) => column.primaryKey())
      .addColumn('next_look_at', 'timestamptz', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('erasures_to_look_at').on('erasures').column('next_look_at').execute();
  },
};
