import type { Migration } from 'kysely/migration';

/** What a start was answered with, for those who ask for it again. */
export const firstAnswers: Migration = {
  async up(db) {
    // `json` keeps the order of the fields.
    await db.schema.alterTable('idempotency_keys').addColumn('answer', 'json').execute();
  },
};
