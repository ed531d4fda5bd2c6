import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** One picture of an account's owner. */
export const avatars: Migration = {
  async up(db) {
    await db.schema
      .createTable('avatars')
      .addColumn('account_id', 'bigint', (column) => column.primaryKey().references('accounts.id'))
      .addColumn('content_type', 'text', (column) => column.notNull())
      .addColumn('bytes', 'bytea', (column) => column.notNull())
      .addColumn('etag', 'text', (column) => column.notNull())
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .addCheckConstraint(
        'avatars_content_type_known',
        sql`content_type in ('image/png', 'image/jpeg', 'image/bmp')`,
      )
      .addCheckConstraint('avatars_size', sql`octet_length(bytes) between 1 and 30720`)
      .execute();
  },
};
