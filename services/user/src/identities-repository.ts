import type { Identity } from '@vestibule/shared/contracts/account';
import { AppError } from '@vestibule/shared/errors';
import type { Transaction } from 'kysely';
import type { IdentityKey } from './folding.ts';
import type { UserTables } from './tables.ts';

/** An identity as its owner wrote it, and as it is compared. */
export type NewIdentity = { written: Identity; key: IdentityKey };

/** Fails with `identity-taken`; then the transaction must not go on. */
export async function insertIdentities(
  tx: Transaction<UserTables>,
  accountId: number,
  identities: readonly NewIdentity[],
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
  if (inserted.length < rows.length) throw new AppError('identity-taken');
}

/**
 * Gives an account, whose row the transaction has locked, another nickname, or its first. Fails with
 * `identity-taken`; then the transaction must not go on.
 */
export async function replaceNickname(
  tx: Transaction<UserTables>,
  accountId: number,
  nickname: NewIdentity,
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
  await insertIdentities(tx, accountId, [nickname]);
}
