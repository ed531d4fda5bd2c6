import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The order of the list of accounts, and how many accounts it has. */
export const accountList: Migration = {
  async up(db) {
    // Waits for those who write accounts and keeps others from it until the end, so that none is missed below.
    await db.schema
      .createIndex('accounts_listed')
      .on('accounts')
      .columns(['created_at', 'id'])
      .where(sql<boolean>`status <> 'deleted'`)
      .execute();
    await db.schema
      .createTable('account_totals')
      .addColumn('shard', 'integer', (column) => column.primaryKey())
      .addColumn('accounts', 'bigint', (column) => column.notNull())
      .execute();
    await db
      .insertInto('account_totals')
      .columns(['shard', 'accounts'])
      .expression(
        db
          .selectFrom('accounts')
          .where('status', '<>', 'deleted')
          .select(({ fn }) => [sql.lit(0).as('shard'), fn.countAll().as('accounts')]),
      )
      .execute();
  },
};
