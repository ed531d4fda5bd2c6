import type { Access } from '@vestibule/shared/contracts/account';
import type { Kysely, Transaction } from 'kysely';
import type { UserTables } from './tables.ts';

/** What an account's access was, and what it is now; the same object when nothing changed. */
export type AccessChange = { before: Access; after: Access };

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

async function writeAccess(tx: Transaction<UserTables>, access: Access, modifiedAt: Date): Promise<void> {
  await tx
    .updateTable('accounts')
    .set({
      role: access.role,
      status: access.status,
      session_epoch: access.sessionEpoch,
      version: access.version,
      modified_at: modifiedAt,
    })
    .where('id', '=', access.accountId)
    .execute();
}

/** All SQL on what decides whether sessions live. Changes of one account happen one after the other. */
export function createAccessRepository({ db }: { db: Kysely<UserTables> }) {
  return {
    async read(id: number): Promise<Access | null> {
      const row = await db
        .selectFrom('accounts')
        .select(accessColumns)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ?? null;
    },

    /** Asks `decide` what the access becomes; the object that it was given means no change. */
    change(id: number, decide: (current: Access) => Access, modifiedAt: Date): Promise<AccessChange | null> {
      return db.transaction().execute(async (tx) => {
        const before = await lockAccess(tx, id);
        if (!before) return null;
        const after = decide(before);
        if (after !== before) await writeAccess(tx, after, modifiedAt);
        return { before, after };
      });
    },

    /** Replaces the hash, and the access by what `decide` says, if the hash is still `expected`. */
    replacePassword(
      id: number,
      { expected, hash }: { expected: string; hash: string },
      decide: (current: Access) => Access,
      modifiedAt: Date,
    ): Promise<AccessChange | null> {
      return db.transaction().execute(async (tx) => {
        const before = await lockAccess(tx, id);
        if (!before) return null;
        const replaced = await tx
          .updateTable('passwords')
          .set({ hash, changed_at: modifiedAt })
          .where('account_id', '=', id)
          .where('hash', '=', expected)
          .returning('account_id')
          .executeTakeFirst();
        if (!replaced) return { before, after: before };
        const after = decide(before);
        await writeAccess(tx, after, modifiedAt);
        return { before, after };
      });
    },
  };
}
export type AccessRepository = ReturnType<typeof createAccessRepository>;
