import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const texts = [
  'first_name',
  'last_name',
  'first_name_folded',
  'last_name_folded',
  'name',
  'phone',
  'address',
  'company',
  'email',
  'position',
  'qq',
  'cardno',
  'wxid',
];

/** Accounts, what they are reached by, and their password hashes. */
export const accounts: Migration = {
  async up(db) {
    let table = db.schema
      .createTable('accounts')
      .addColumn('id', 'bigint', (column) => column.primaryKey())
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull());
    for (const text of texts) {
      table = table.addColumn(text, 'text', (column) => column.notNull().defaultTo(''));
    }
    await table
      .addColumn('age', 'integer')
      .addColumn('wx_userinfo', 'jsonb')
      .addColumn('session_epoch', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('version', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .addColumn('modified_at', 'timestamptz', (column) => column.notNull())
      .addCheckConstraint('accounts_id_digits', sql`id >= 10000000`)
      .addCheckConstraint(
        'accounts_role_known',
        sql`role in ('normal', 'repair', 'donor', 'volunteer', 'admin')`,
      )
      .addCheckConstraint('accounts_status_known', sql`status in ('pending', 'active', 'frozen', 'deleted')`)
      .addCheckConstraint('accounts_age_possible', sql`age between 0 and 150`)
      .execute();

    // Searches answer ids in falling order and leave the deleted out: both come from these indexes.
    for (const column of ['first_name_folded', 'last_name_folded', 'role']) {
      await db.schema
        .createIndex(`accounts_${column}`)
        .on('accounts')
        .columns([column, 'id'])
        .where(sql<boolean>`status <> 'deleted'`)
        .execute();
    }

    await db.schema
      .createTable('identities')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('value_folded', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('account_id', 'bigint', (column) => column.notNull().references('accounts.id'))
      .addPrimaryKeyConstraint('identities_pkey', ['kind', 'value_folded'])
      .addCheckConstraint('identities_kind_known', sql`kind in ('nickname', 'phone', 'wechat', 'openid')`)
      .execute();
    await db.schema.createIndex('identities_account').on('identities').column('account_id').execute();
    await db.schema
      .createIndex('identities_one_nickname')
      .unique()
      .on('identities')
      .column('account_id')
      .where(sql<boolean>`kind = 'nickname'`)
      .execute();

    await db.schema
      .createTable('passwords')
      .addColumn('account_id', 'bigint', (column) => column.primaryKey().references('accounts.id'))
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('changed_at', 'timestamptz', (column) => column.notNull())
      .execute();
  },
};
