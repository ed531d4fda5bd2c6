import type { Migration } from 'kysely/migration';

/** What WeChat says of an account's owner: under which name in all its apps, and when. */
export const wechatProfiles: Migration = {
  async up(db) {
    await db.schema
      .alterTable('accounts')
      .addColumn('unionid', 'text')
      .addColumn('wx_taken_at', 'bigint')
      .execute();
  },
};
