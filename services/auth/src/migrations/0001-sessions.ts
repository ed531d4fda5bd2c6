import type { Migration } from 'kysely/migration';

/** Sessions, and the keys that their tokens are signed with. */
export const sessions: Migration = {
  async up(db) {
    await db.schema
      .createTable('sessions')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('account_id', 'bigint')
      .addColumn('openid', 'text')
      .addColumn('session_epoch', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
      .addColumn('ended_at', 'timestamptz')
      .execute();
    for (const column of ['account_id', 'expires_at']) {
      await db.schema.createIndex(`sessions_${column}`).on('sessions').column(column).execute();
    }

    await db.schema
      .createTable('signing_keys')
      .addColumn('kid', 'text', (column) => column.primaryKey())
      .addColumn('public_x', 'text', (column) => column.notNull())
      .addColumn('private_key', 'text')
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .addColumn('retired_at', 'timestamptz')
      .addColumn('published_until', 'timestamptz')
      .execute();
  },
};
