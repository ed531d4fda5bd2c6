import type { Identity, IdentityKind } from '@vestibule/shared/contracts/account';
import { AppError } from '@vestibule/shared/errors';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { NewIdentity } from './folding.ts';
import type { IdentityDigest } from './identity-digest.ts';
import type { UserTables } from './tables.ts';

/** Whether an erased account had one of these. */
async function wereErased(
  tx: Transaction<UserTables>,
  identities: readonly NewIdentity[],
  digestOf: IdentityDigest,
): Promise<boolean> {
  const row = await tx
    .selectFrom('erased_identities')
    .select('kind')
    .where(({ and, eb, or }) =>
      or(identities.map(({ key }) => and([eb('kind', '=', key.kind), eb('digest', '=', digestOf(key))]))),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Fails with `identity-taken`, also by an erased account; then the transaction must not go on. */
export async function insertIdentities(
  tx: Transaction<UserTables>,
  accountId: number,
  identities: readonly NewIdentity[],
  digestOf: IdentityDigest,
): Promise<void> {
  if (identities.length === 0) return;
  const rows = identities.map(({ written, key }) => ({
    kind: key.kind,
    value_folded: key.folded,
    value: written.value,
    account_id: accountId,
  }));
  // In one order everywhere: two creates that each hold what the other wants next would block each other.
  rows.sort((a, b) => (`${a.kind} ${a.value_folded}` < `${b.kind} ${b.value_folded}` ? -1 : 1));
  const inserted = await tx
    .insertInto('identities')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .returning('kind')
    .execute();
  // Asked after the insert, which waits for an erasure under way: asked before it, that one's digest would be missed.
  if (inserted.length < rows.length || (await wereErased(tx, identities, digestOf))) {
    throw new AppError('identity-taken');
  }
}

/** All that an account is reached by, as its owner wrote it. */
export async function identitiesOf(db: Kysely<UserTables>, accountId: number): Promise<Identity[]> {
  return db
    .selectFrom('identities')
    .select(['kind', 'value'])
    .where('account_id', '=', accountId)
    .orderBy('kind')
    .orderBy('value_folded')
    .execute();
}

/** Null when the account has none. */
export async function nicknameOf(db: Kysely<UserTables>, accountId: number): Promise<string | null> {
  const row = await db
    .selectFrom('identities')
    .select('value')
    .where('account_id', '=', accountId)
    // A literal, as in `nicknameColumn`.
    .where('kind', '=', sql.lit<IdentityKind>('nickname'))
    .executeTakeFirst();
  return row?.value ?? null;
}

/**
 * Gives an account, whose row the transaction has locked, another nickname, or its first. Fails with
 * `identity-taken`; then the transaction must not go on.
 */
export async function replaceNickname(
  tx: Transaction<UserTables>,
  accountId: number,
  nickname: NewIdentity,
  digestOf: IdentityDigest,
): Promise<void> {
  // Both names, in one order everywhere: two accounts that want each other's would block each other.
  await tx
    .selectFrom('identities')
    .select('value_folded')
    .where('kind', '=', 'nickname')
    .where(({ eb, or }) =>
      or([eb('account_id', '=', accountId), eb('value_folded', '=', nickname.key.folded)]),
    )
    .orderBy('value_folded')
    .forUpdate()
    .execute();
  await tx
    .deleteFrom('identities')
    .where('kind', '=', 'nickname')
    .where('account_id', '=', accountId)
    .execute();
  await insertIdentities(tx, accountId, [nickname], digestOf);
}
