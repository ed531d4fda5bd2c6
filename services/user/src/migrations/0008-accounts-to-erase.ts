import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Which deleted account is the next to be erased. Those that were deleted without a date, before there was one or by
 * the version before, have had no change since.
 */
export const accountsToErase: Migration = {
  async up(db) {
    await db.schema
      .createIndex('accounts_to_erase')
      .on('accounts')
      .expression(sql`coalesce(deleted_at, modified_at)`)
      .where(sql<boolean>`status = 'deleted' and erased_at is null`)
      .execute();
  },
};
