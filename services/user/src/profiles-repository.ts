import type { Profile, WechatUser } from '@vestibule/shared/contracts/account';
import { anyOf } from '@vestibule/shared/database/any-of';
import type { Kysely, Transaction } from 'kysely';
import { profileChanged } from './account-events.ts';
import { nicknameColumn, profileValues, recordColumns, recordOf } from './account-record.ts';
import type { Change, Occasion } from './changes.ts';
import type { NewIdentity } from './folding.ts';
import { nicknameOf, replaceNickname } from './identities-repository.ts';
import type { IdentityDigest } from './identity-digest.ts';
import { changedFields, type Description, isFresh } from './profile-changes.ts';
import type { UserTables } from './tables.ts';
import { wechatValues } from './wechat-profile.ts';

/** What is to be written of an account; see `Description`. */
export type ProfileWriting = Omit<Description, 'nickname'> & { nickname: NewIdentity | null };

/** What an account's name is made of. */
export type Called = Pick<Profile, 'name' | 'firstName' | 'lastName'> & {
  id: number;
  nickname: string | null;
};

const wxUserinfoColumn = 'accounts.wx_userinfo as wxUserinfo';

/** Until the transaction ends, nobody else changes the account; undefined when there is none, or a deleted one. */
async function lockDescribed(tx: Transaction<UserTables>, id: number) {
  const row = await tx
    .selectFrom('accounts')
    .select([...recordColumns, wxUserinfoColumn, 'wx_taken_at as wxTakenAt', 'unionid'])
    .where('id', '=', id)
    .where('status', '<>', 'deleted')
    .forUpdate()
    .executeTakeFirst();
  // A statement of its own: the one that waited for the lock sees the nickname of the time before.
  return row && { ...row, nickname: await nicknameOf(tx, id) };
}

/** All SQL on what accounts say of their owners. */
export function createProfilesRepository({
  db,
  change,
  digestOf,
}: {
  db: Kysely<UserTables>;
  change: Change;
  digestOf: IdentityDigest;
}) {
  return {
    async find(id: number): Promise<WechatUser | null> {
      const row = await db
        .selectFrom('accounts')
        .select([...recordColumns, wxUserinfoColumn])
        .select(nicknameColumn)
        .where('accounts.id', '=', id)
        .executeTakeFirst();
      return row ? { account: recordOf(row).account, wxUserinfo: row.wxUserinfo } : null;
    },

    /**
     * All of it or nothing, an older WeChat profile left out; null when there is no account, or a deleted one,
     * whose names stay its own. `changed`: the names of what is other than before. Fails with `identity-taken`.
     */
    write(
      id: number,
      { nickname, ...given }: ProfileWriting,
      occasion: Occasion,
    ): Promise<(WechatUser & { changed: string[] }) | null> {
      return change(occasion, async (tx, tell) => {
        const row = await lockDescribed(tx, id);
        if (!row) return null;
        const { account } = recordOf(row);
        const current = { ...row, profile: account.profile };
        const description = { ...given, nickname: nickname?.written.value ?? null };
        const changed = changedFields(current, description);
        const fresh = isFresh(current, description) ? given.wechat : null;
        if (changed.length === 0 && fresh === null) {
          return { account, wxUserinfo: row.wxUserinfo, changed };
        }
        const written = await tx
          .updateTable('accounts')
          .set({
            ...profileValues(given.profile),
            unionid: given.unionid ?? undefined,
            ...wechatValues(fresh),
            modified_at: changed.length === 0 ? undefined : occasion.at,
          })
          .where('id', '=', id)
          .returning([...recordColumns, wxUserinfoColumn])
          .executeTakeFirstOrThrow();
        if (nickname !== null && changed.includes('nickname')) {
          await replaceNickname(tx, id, nickname, digestOf);
        }
        if (changed.length > 0) await tell([profileChanged(id, changed)]);
        const named = { ...written, nickname: description.nickname ?? row.nickname };
        return { account: recordOf(named).account, wxUserinfo: written.wxUserinfo, changed };
      });
    },

    /** Those of the ids that are known and not deleted, in rising order. */
    async called(ids: readonly number[]): Promise<Called[]> {
      if (ids.length === 0) return [];
      return db
        .selectFrom('accounts')
        .select(['accounts.id', 'accounts.name'])
        .select(['accounts.first_name as firstName', 'accounts.last_name as lastName'])
        .select(nicknameColumn)
        .where('accounts.id', '=', anyOf(ids, 'bigint'))
        .where('accounts.status', '<>', 'deleted')
        .orderBy('accounts.id')
        .execute();
    },
  };
}
export type ProfilesRepository = ReturnType<typeof createProfilesRepository>;
