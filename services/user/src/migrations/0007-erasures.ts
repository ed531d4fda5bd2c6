import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** When accounts were deleted and erased, and the hashes of what the erased ones were reached by. */
export const erasures: Migration = {
  async up(db) {
    await db.schema
      .alterTable('accounts')
      .addColumn('deleted_at', 'timestamptz')
      .addColumn('erased_at', 'timestamptz')
      .execute();
    await db.schema
      .createTable('erased_identities')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('digest', 'bytea', (column) => column.notNull())
      .addColumn('account_id', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('erased_identities_pkey', ['kind', 'digest'])
      .addCheckConstraint('erased_identities_digest_size', sql`octet_length(digest) = 32`)
      .execute();
  },
};
