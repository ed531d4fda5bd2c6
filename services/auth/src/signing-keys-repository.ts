import { type Kysely, sql, type Transaction } from 'kysely';
import type { AuthTables } from './tables.ts';

/** The key in use, as its row holds it. */
export type StoredKey = { kid: string; publicX: string; privateKey: string; createdAt: Date };

async function readCurrent(db: Kysely<AuthTables>): Promise<StoredKey | null> {
  const row = await db
    .selectFrom('signing_keys')
    .select(['kid', 'public_x as publicX', 'private_key as privateKey', 'created_at as createdAt'])
    .where('retired_at', 'is', null)
    .executeTakeFirst();
  return row?.privateKey ? { ...row, privateKey: row.privateKey } : null;
}

/** Forgets the private half; the public one stays as long as the longest session that it may have signed. */
async function retire(tx: Transaction<AuthTables>, retiredAt: Date, atLeastUntil: Date): Promise<void> {
  const { longest } = await tx
    .selectFrom('sessions')
    .select((expression) => expression.fn.max('expires_at').as('longest'))
    .executeTakeFirstOrThrow();
  await tx
    .updateTable('signing_keys')
    .set({
      private_key: null,
      retired_at: retiredAt,
      published_until: longest && longest > atLeastUntil ? longest : atLeastUntil,
    })
    .where('retired_at', 'is', null)
    .execute();
}

/** All SQL on signing keys. */
export function createSigningKeysRepository({ db }: { db: Kysely<AuthTables> }) {
  return {
    current: () => readCurrent(db),

    /**
     * Asks `replaces` about the key in use, one replica after the other: what it answers, unless null, takes
     * its place. Answers the key that is in use then.
     */
    replaceCurrent(
      replaces: (current: StoredKey | null) => StoredKey | null,
      atLeastUntil: Date,
    ): Promise<StoredKey> {
      return db.transaction().execute(async (tx) => {
        await sql`select pg_advisory_xact_lock(hashtextextended('auth signing keys', 0))`.execute(tx);
        const current = await readCurrent(tx);
        const next = replaces(current);
        if (next === null && current !== null) return current;
        if (next === null) throw new Error('there is no signing key and none was made');
        await retire(tx, next.createdAt, atLeastUntil);
        await tx
          .insertInto('signing_keys')
          .values({
            kid: next.kid,
            public_x: next.publicX,
            private_key: next.privateKey,
            created_at: next.createdAt,
          })
          .execute();
        return next;
      });
    },

    /** The public halves that a token alive at `now` may be signed with, the newest first. */
    async published(now: Date): Promise<{ kid: string; publicX: string }[]> {
      return db
        .selectFrom('signing_keys')
        .select(['kid', 'public_x as publicX'])
        .where((expression) =>
          expression.or([expression('published_until', 'is', null), expression('published_until', '>', now)]),
        )
        .orderBy('created_at', 'desc')
        .execute();
    },

    async removeUnpublished(now: Date): Promise<void> {
      await db.deleteFrom('signing_keys').where('published_until', '<=', now).execute();
    },
  };
}
export type SigningKeysRepository = ReturnType<typeof createSigningKeysRepository>;
