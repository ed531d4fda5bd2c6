import type { AccountStatus } from '@vestibule/shared/contracts/account';
import { anyOf } from '@vestibule/shared/database/any-of';
import { sql, type Transaction } from 'kysely';
import { accountErased } from './account-events.ts';
import { noProfile, profileValues } from './account-record.ts';
import type { Change, Occasion } from './changes.ts';
import type { IdentityDigest } from './identity-digest.ts';
import type { UserTables } from './tables.ts';

/** The accounts whose time has come, the longest deleted first, without those that another replica is at. */
async function takeDue(tx: Transaction<UserTables>, deletedBefore: Date, limit: number): Promise<number[]> {
  // As literals, because the index holds for these and not for any parameter.
  const deletedAt = sql<Date>`coalesce(deleted_at, modified_at)`;
  const rows = await tx
    .selectFrom('accounts')
    .select('id')
    .where('status', '=', sql.lit<AccountStatus>('deleted'))
    .where('erased_at', 'is', null)
    .where(deletedAt, '<=', deletedBefore)
    .orderBy(deletedAt)
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map(({ id }) => id);
}

/** Puts digests in the place of identities. */
async function digestIdentities(
  tx: Transaction<UserTables>,
  ids: readonly number[],
  digestOf: IdentityDigest,
): Promise<void> {
  const rows = await tx
    .deleteFrom('identities')
    .where('account_id', '=', anyOf(ids, 'bigint'))
    .returning(['kind', 'value_folded', 'account_id'])
    .execute();
  if (rows.length === 0) return;
  await tx
    .insertInto('erased_identities')
    .values(
      rows.map(({ kind, value_folded, account_id }) => ({
        kind,
        digest: digestOf({ kind, folded: value_folded }),
        account_id,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** All SQL that erases what deleted accounts said of their owners. */
export function createErasuresRepository({ change, digestOf }: { change: Change; digestOf: IdentityDigest }) {
  return {
    /** Erases up to `limit` accounts that were deleted by then, and answers their ids. */
    erase(deletedBefore: Date, limit: number, occasion: Occasion): Promise<number[]> {
      return change(occasion, async (tx, tell) => {
        const ids = await takeDue(tx, deletedBefore, limit);
        if (ids.length === 0) return ids;
        await digestIdentities(tx, ids, digestOf);
        for (const table of ['passwords', 'avatars', 'search_history'] as const) {
          await tx.deleteFrom(table).where('account_id', '=', anyOf(ids, 'bigint')).execute();
        }
        await tx
          .updateTable('accounts')
          .set({
            ...profileValues(noProfile),
            wx_userinfo: null,
            wx_taken_at: null,
            unionid: null,
            erased_at: occasion.at,
          })
          .where('id', '=', anyOf(ids, 'bigint'))
          .execute();
        await tell(ids.map(accountErased));
        return ids;
      });
    },
  };
}
export type ErasuresRepository = ReturnType<typeof createErasuresRepository>;
