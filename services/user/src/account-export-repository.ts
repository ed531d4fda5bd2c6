import type { Identity, WechatUser } from '@vestibule/shared/contracts/account';
import type { Kysely } from 'kysely';
import { nicknameColumn, recordColumns, recordOf } from './account-record.ts';
import { findAvatar, type StoredAvatar } from './avatars-repository.ts';
import { entriesOf } from './history-repository.ts';
import { identitiesOf } from './identities-repository.ts';
import type { UserTables } from './tables.ts';

/** All that is kept of an account. */
export type KeptOfAccount = WechatUser & {
  identities: Identity[];
  hasPassword: boolean;
  avatar: StoredAvatar | null;
  searches: string[];
};

/** SQL that reads all that is kept of an account. */
export function createAccountExportRepository({ db }: { db: Kysely<UserTables> }) {
  return {
    /** As it is at one moment; null when there is no account, or a deleted one. */
    read(id: number): Promise<KeptOfAccount | null> {
      const view = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
      return view.execute(async (tx) => {
        const row = await tx
          .selectFrom('accounts')
          .leftJoin('passwords', 'passwords.account_id', 'accounts.id')
          .select([...recordColumns, 'accounts.wx_userinfo as wxUserinfo'])
          .select(({ eb }) => eb('passwords.account_id', 'is not', null).as('hasPassword'))
          .select(nicknameColumn)
          .where('accounts.id', '=', id)
          .where('accounts.status', '<>', 'deleted')
          .executeTakeFirst();
        if (!row) return null;
        return {
          account: recordOf(row).account,
          wxUserinfo: row.wxUserinfo,
          hasPassword: row.hasPassword === true,
          identities: await identitiesOf(tx, id),
          avatar: await findAvatar(tx, id),
          searches: await entriesOf(tx, id),
        };
      });
    },
  };
}
export type AccountExportRepository = ReturnType<typeof createAccountExportRepository>;
