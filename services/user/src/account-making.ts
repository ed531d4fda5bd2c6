import type { AccountStatus, ProfileChange, Role } from '@vestibule/shared/contracts/account';
import type { Outbox } from '@vestibule/shared/outbox/outbox';
import type { Kysely } from 'kysely';
import { accountCreated } from './account-events.ts';
import { createAccountMakingRepository, type Wanted } from './account-making-repository.ts';
import { type AccountRecord, noProfile, profileValues, recordOf } from './account-record.ts';
import type { StoredAvatar } from './avatars-repository.ts';
import type { Occasion } from './changes.ts';
import type { NewIdentity } from './folding.ts';
import type { IdentityDigest } from './identity-digest.ts';
import type { UserTables } from './tables.ts';
import { type WechatProfile, wechatValues } from './wechat-profile.ts';

/** An account that is to be made. */
export type AccountDraft = {
  role: Role;
  status: AccountStatus;
  profile: ProfileChange;
  identities: readonly NewIdentity[];
  passwordHash: string | null;
  avatar: StoredAvatar | null;
  wechat: WechatProfile | null;
  unionid: string | null;
};

function wantedOf(identities: readonly NewIdentity[], digestOf: IdentityDigest): Wanted {
  return {
    kinds: identities.map(({ key }) => key.kind),
    folded: identities.map(({ key }) => key.folded),
    values: identities.map(({ written }) => written.value),
    digests: identities.map(({ key }) => digestOf(key).toString('hex')),
  };
}

/** What the draft says, without the id that the account gets. */
function givenOf(draft: AccountDraft, at: Date) {
  const { role, status, unionid, passwordHash: hash } = draft;
  return {
    ...{ role, status, unionid, hash, created_at: at, modified_at: at },
    ...profileValues({ ...noProfile, ...draft.profile }),
    ...wechatValues(draft.wechat),
    ...(draft.avatar ?? { contentType: null, bytes: null, etag: null }),
  };
}

/** Making accounts, each with the event that tells of it. */
export function createAccountMaking({
  db,
  outbox,
  digestOf,
}: {
  db: Kysely<UserTables>;
  outbox: Pick<Outbox<UserTables>, 'encode' | 'wake'>;
  digestOf: IdentityDigest;
}) {
  const repository = createAccountMakingRepository({ db });

  /** All of the draft or nothing, under the first free one of the ids. Fails with `identity-taken`. */
  return async (
    draft: AccountDraft,
    ids: Iterable<number>,
    { at, source }: Occasion,
  ): Promise<AccountRecord> => {
    const { role, status, identities } = draft;
    const given = { ...givenOf(draft, at), ...wantedOf(identities, digestOf) };
    for (const id of ids) {
      const created = accountCreated({ id, role, status });
      const event = outbox.encode(created, source);
      const row = await repository.insert({ ...given, id, key: created.key, event });
      if (row === null) continue;
      outbox.wake();
      const nickname = identities.find(({ key }) => key.kind === 'nickname');
      return recordOf({ ...row, nickname: nickname?.written.value ?? null });
    }
    throw new Error('all ids that were tried for a new account are taken');
  };
}
