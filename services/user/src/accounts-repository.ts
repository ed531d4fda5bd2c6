import type { AccountStatus } from '@vestibule/shared/contracts/account';
import type { RequestOf } from '@vestibule/shared/contracts/contract';
import type { userContracts } from '@vestibule/shared/contracts/user';
import { anyOf } from '@vestibule/shared/database/any-of';
import { fixedQuery } from '@vestibule/shared/database/fixed-query';
import { gatherReads } from '@vestibule/shared/gathered-reads';
import type { Outbox } from '@vestibule/shared/outbox/outbox';
import { type Kysely, sql } from 'kysely';
import { createAccountMaking } from './account-making.ts';
import { type AccountRecord, nicknameColumn, recordColumns, recordOf } from './account-record.ts';
import { foldName, type IdentityKey } from './folding.ts';
import type { IdentityDigest } from './identity-digest.ts';
import type { UserTables } from './tables.ts';

/** An account by its id, or by an identity. */
export type AccountKey = { id: number } | { identity: IdentityKey };

export type Search = RequestOf<typeof userContracts.search>;

/** All SQL that makes, finds and describes accounts. */
export function createAccountsRepository({
  db,
  outbox,
  digestOf,
}: {
  db: Kysely<UserTables>;
  outbox: Pick<Outbox<UserTables>, 'encode' | 'wake'>;
  digestOf: IdentityDigest;
}) {
  const all = db.selectFrom('accounts').select(recordColumns).select(nicknameColumn);
  const idOf = ({ kind, folded }: IdentityKey) =>
    db
      .selectFrom('identities')
      .select('identities.account_id')
      .where('identities.kind', '=', kind)
      .where('identities.value_folded', '=', folded);
  const byIds = fixedQuery(db, ({ ids }: { ids: readonly number[] }) =>
    all.where('accounts.id', '=', anyOf(ids, 'bigint')),
  );
  const findById = gatherReads(async (ids: readonly number[]) => {
    const rows = await byIds({ ids });
    return new Map(rows.map((row) => [row.id, recordOf(row)]));
  });

  type Secured = AccountRecord & { passwordHash: string | null };
  const secured = all
    .leftJoin('passwords', 'passwords.account_id', 'accounts.id')
    .select('passwords.hash as passwordHash');
  const securedByIds = fixedQuery(db, ({ ids }: { ids: readonly number[] }) =>
    secured.where('accounts.id', '=', anyOf(ids, 'bigint')),
  );
  const securedByIdentity = fixedQuery(db, (identity: IdentityKey) =>
    secured.where('accounts.id', '=', idOf(identity)),
  );
  const findSecured = gatherReads(async (ids: readonly number[]) => {
    const rows = await securedByIds({ ids });
    return new Map(
      rows.map((row): [number, Secured] => [row.id, { ...recordOf(row), passwordHash: row.passwordHash }]),
    );
  });

  return {
    create: createAccountMaking({ db, outbox, digestOf }),

    async find(key: AccountKey): Promise<AccountRecord | null> {
      if ('id' in key) return findById(key.id);
      const row = await all.where('accounts.id', '=', idOf(key.identity)).executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    /** The account with its password hash, in one statement. */
    async findCredentials(key: AccountKey): Promise<Secured | null> {
      if ('id' in key) return findSecured(key.id);
      const [row] = await securedByIdentity(key.identity);
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
