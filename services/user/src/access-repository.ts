import type { Access, AccountStatus, Role } from '@vestibule/shared/contracts/account';
import { anyOf } from '@vestibule/shared/database/any-of';
import { fixedQuery } from '@vestibule/shared/database/fixed-query';
import type { ErrorCode } from '@vestibule/shared/errors';
import { gatherReads } from '@vestibule/shared/gathered-reads';
import { type Kysely, sql, type Transaction } from 'kysely';
import { accessChanged, passwordChanged } from './account-events.ts';
import { addToTotal } from './account-totals.ts';
import type { Change, Occasion } from './changes.ts';
import type { UserTables } from './tables.ts';

/** What an account's access was, and what it is now; the same object when nothing changed, and why not. */
export type AccessChange = { before: Access; after: Access; refused: ErrorCode | null };

/** What the row does not say. */
export type Questions = {
  /** Whether an active admin is left besides this account; holds until the transaction ends. */
  anotherAdmin(): Promise<boolean>;
};

/** What the access becomes, the object that was given meaning no change, or why it stays as it is. */
export type Decide = (
  current: Access,
  questions: Questions,
) => Access | ErrorCode | Promise<Access | ErrorCode>;

const accessColumns = [
  'id as accountId',
  'role',
  'status',
  'session_epoch as sessionEpoch',
  'version',
] as const;

/** Until the transaction ends, nobody else changes the account. */
async function lockAccess(tx: Transaction<UserTables>, id: number): Promise<Access | undefined> {
  return tx.selectFrom('accounts').select(accessColumns).where('id', '=', id).forUpdate().executeTakeFirst();
}

/** Those who ask come one after the other: two that go at once would each count on the other one. */
async function hasAnotherAdmin(tx: Transaction<UserTables>, id: number): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(hashtextextended('users: the last admin', 0))`.execute(tx);
  const other = await tx
    .selectFrom('accounts')
    .select('id')
    // Literals: the index holds for `status <> 'deleted'` and not for any parameter, and admins are few among the roles.
    .where('role', '=', sql.lit<Role>('admin'))
    .where('status', '=', sql.lit<AccountStatus>('active'))
    .where('id', '<>', id)
    .limit(1)
    .executeTakeFirst();
  return other !== undefined;
}

async function writeAccess(tx: Transaction<UserTables>, after: Access, modifiedAt: Date): Promise<void> {
  await tx
    .updateTable('accounts')
    .set({
      role: after.role,
      status: after.status,
      session_epoch: after.sessionEpoch,
      version: after.version,
      modified_at: modifiedAt,
      deleted_at: after.status === 'deleted' ? sql<Date>`coalesce(deleted_at, ${modifiedAt})` : undefined,
    })
    .where('id', '=', after.accountId)
    .execute();
}

/** All SQL on what decides whether sessions live. Changes of one account happen one after the other. */
export function createAccessRepository({ db, change }: { db: Kysely<UserTables>; change: Change }) {
  const byIds = fixedQuery(db, ({ ids }: { ids: readonly number[] }) =>
    db.selectFrom('accounts').select(accessColumns).where('id', '=', anyOf(ids, 'bigint')),
  );

  return {
    /** Null when there is no account. */
    read: gatherReads(async (ids: readonly number[]) => {
      const rows: Access[] = await byIds({ ids });
      return new Map(rows.map((row) => [row.accountId, row]));
    }),

    /** Asks `decide` what the access becomes; null when there is no account. */
    change(id: number, decide: Decide, occasion: Occasion): Promise<AccessChange | null> {
      return change(occasion, async (tx, tell) => {
        const before = await lockAccess(tx, id);
        if (!before) return null;
        const after = await decide(before, { anotherAdmin: () => hasAnotherAdmin(tx, id) });
        if (typeof after === 'string') return { before, after: before, refused: after };
        if (after !== before) {
          await writeAccess(tx, after, occasion.at);
          await tell(accessChanged(before, after));
          if (before.status !== 'deleted' && after.status === 'deleted') await addToTotal(tx, id, -1);
        }
        return { before, after, refused: null };
      });
    },

    /** Replaces the hash, and the access by what `decide` says, if the hash is still `expected`. */
    replacePassword(
      id: number,
      { expected, hash }: { expected: string; hash: string },
      decide: (current: Access) => Access,
      occasion: Occasion,
    ): Promise<AccessChange | null> {
      return change(occasion, async (tx, tell) => {
        const before = await lockAccess(tx, id);
        if (!before) return null;
        const replaced = await tx
          .updateTable('passwords')
          .set({ hash, changed_at: occasion.at })
          .where('account_id', '=', id)
          .where('hash', '=', expected)
          .returning('account_id')
          .executeTakeFirst();
        if (!replaced) return { before, after: before, refused: 'credentials-wrong' };
        const after = decide(before);
        await writeAccess(tx, after, occasion.at);
        await tell([passwordChanged(id)]);
        return { before, after, refused: null };
      });
    },
  };
}
export type AccessRepository = ReturnType<typeof createAccessRepository>;
