import type { AccountStatus, ProfileChange, Role } from '@vestibule/shared/contracts/account';
import type { RequestOf } from '@vestibule/shared/contracts/contract';
import type { userContracts } from '@vestibule/shared/contracts/user';
import { anyOf } from '@vestibule/shared/database/any-of';
import { fixedQuery } from '@vestibule/shared/database/fixed-query';
import { gatherReads } from '@vestibule/shared/gathered-reads';
import { type Kysely, sql, type Transaction } from 'kysely';
import { accountCreated } from './account-events.ts';
import {
  type AccountRecord,
  nicknameColumn,
  profileValues,
  recordColumns,
  recordOf,
} from './account-record.ts';
import { addToTotal } from './account-totals.ts';
import { insertAvatar, type StoredAvatar } from './avatars-repository.ts';
import type { Change, Occasion } from './changes.ts';
import { foldName, type IdentityKey, type NewIdentity } from './folding.ts';
import { insertIdentities } from './identities-repository.ts';
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

/** An account by its id, or by an identity. */
export type AccountKey = { id: number } | { identity: IdentityKey };

export type Search = RequestOf<typeof userContracts.search>;

/** Nothing of the account is there yet, so a taken id costs one statement and no new transaction. */
async function insertAccount(
  tx: Transaction<UserTables>,
  draft: AccountDraft,
  ids: Iterable<number>,
  createdAt: Date,
) {
  for (const id of ids) {
    const row = await tx
      .insertInto('accounts')
      .values({
        id,
        role: draft.role,
        status: draft.status,
        unionid: draft.unionid,
        created_at: createdAt,
        modified_at: createdAt,
        ...profileValues(draft.profile),
        ...wechatValues(draft.wechat),
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning(recordColumns)
      .executeTakeFirst();
    if (row) return row;
  }
  throw new Error('all ids that were tried for a new account are taken');
}

/** All SQL that makes, finds and describes accounts. */
export function createAccountsRepository({
  db,
  change,
  digestOf,
}: {
  db: Kysely<UserTables>;
  change: Change;
  digestOf: IdentityDigest;
}) {
  const all = db.selectFrom('accounts').select(recordColumns).select(nicknameColumn);
  const records = (key: AccountKey) => {
    if ('id' in key) return all.where('accounts.id', '=', key.id);
    const { kind, folded } = key.identity;
    return all.where('accounts.id', '=', (expression) =>
      expression
        .selectFrom('identities')
        .select('identities.account_id')
        .where('identities.kind', '=', kind)
        .where('identities.value_folded', '=', folded),
    );
  };
  const byIds = fixedQuery(db, ({ ids }: { ids: readonly number[] }) =>
    all.where('accounts.id', '=', anyOf(ids, 'bigint')),
  );
  const findById = gatherReads(async (ids: readonly number[]) => {
    const rows = await byIds({ ids });
    return new Map(rows.map((row) => [row.id, recordOf(row)]));
  });
  const credentials = (key: AccountKey) =>
    records(key)
      .leftJoin('passwords', 'passwords.account_id', 'accounts.id')
      .select('passwords.hash as passwordHash');
  const credentialsById = fixedQuery(db, ({ id }: { id: number }) => credentials({ id }));
  const credentialsByIdentity = fixedQuery(db, ({ kind, folded }: IdentityKey) =>
    credentials({ identity: { kind, folded } }),
  );

  return {
    /** All of the draft or nothing, under the first free one of the ids. Fails with `identity-taken`. */
    create(draft: AccountDraft, ids: Iterable<number>, occasion: Occasion): Promise<AccountRecord> {
      return change(occasion, async (tx, tell) => {
        const row = await insertAccount(tx, draft, ids, occasion.at);
        await insertIdentities(tx, row.id, draft.identities, digestOf);
        if (draft.passwordHash !== null) {
          await tx
            .insertInto('passwords')
            .values({ account_id: row.id, hash: draft.passwordHash, changed_at: occasion.at })
            .execute();
        }
        if (draft.avatar !== null) await insertAvatar(tx, row.id, draft.avatar, occasion.at);
        const nickname = draft.identities.find(({ key }) => key.kind === 'nickname');
        const record = recordOf({ ...row, nickname: nickname?.written.value ?? null });
        await tell([accountCreated(record.account)]);
        await addToTotal(tx, row.id, 1);
        return record;
      });
    },

    async find(key: AccountKey): Promise<AccountRecord | null> {
      if ('id' in key) return findById(key.id);
      const row = await records(key).executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    /** The account with its password hash, in one statement. */
    async findCredentials(
      key: AccountKey,
    ): Promise<(AccountRecord & { passwordHash: string | null }) | null> {
      const [row] = await ('id' in key ? credentialsById(key) : credentialsByIdentity(key.identity));
      return row ? { ...recordOf(row), passwordHash: row.passwordHash } : null;
    },

    /** Ids in falling order; the deleted ones are left out. */
    async search({ firstName, lastName, role, page, perPage }: Search): Promise<number[]> {
      let found = db
        .selectFrom('accounts')
        .select('id')
        // A literal, because the indexes hold for `status <> 'deleted'` and not for any parameter.
        .where('status', '<>', sql.lit<AccountStatus>('deleted'));
      if (firstName !== undefined) found = found.where('first_name_folded', '=', foldName(firstName));
      if (lastName !== undefined) found = found.where('last_name_folded', '=', foldName(lastName));
      if (role !== undefined) found = found.where('role', '=', role);
      const rows = await found
        .orderBy('id', 'desc')
        .limit(perPage)
        .offset(Math.min((page - 1) * perPage, Number.MAX_SAFE_INTEGER))
        .execute();
      return rows.map(({ id }) => id);
    },
  };
}
export type AccountsRepository = ReturnType<typeof createAccountsRepository>;
