import type { Clock } from '@vestibule/shared/call-context';
import { anyOf } from '@vestibule/shared/database/any-of';
import type { Limit, Reservation, Store } from '@vestibule/shared/store/store';
import type { ExpressionBuilder, Kysely, OnConflictBuilder } from 'kysely';
import type { AuthTables } from './tables.ts';

/** What counts wrong passwords: the store, or the database in its place. */
export type Counters = Pick<Store, 'reserve' | 'giveBack' | 'remove'>;

/** From where an account was signed in, and when last; account and address as keyed hashes. */
export type KnownAddress = { subject: string; address: string; lastSeenAt: Date };

/** What becomes of an address that is known already. */
export const seenAgain = (conflict: OnConflictBuilder<AuthTables, 'known_addresses'>) =>
  conflict.columns(['subject', 'address']).doUpdateSet(({ ref }) => ({
    last_seen_at: ref('excluded.last_seen_at'),
  }));

/** Takes back one count of each key. Locks the rows in the order in which everybody locks them. */
async function takeBack(db: Kysely<AuthTables>, keys: readonly string[]): Promise<void> {
  await db
    .updateTable('guess_counters')
    .set((expression) => ({ count: expression('count', '-', 1) }))
    .where('key', 'in', (expression) =>
      expression
        .selectFrom('guess_counters')
        .select('key')
        .where('key', '=', anyOf(keys, 'text'))
        .where('count', '>', 0)
        .orderBy('key')
        .forUpdate(),
    )
    .execute();
}

/** All SQL on wrong passwords: counters for when the store is away, and where accounts were signed in from. */
export function createGuessRepository({ db, clock }: { db: Kysely<AuthTables>; clock: Clock }) {
  /** As the store's: counts one on all of the limits, or on none; a window starts with its first count. */
  async function reserve(limits: readonly Limit[]): Promise<Reservation> {
    const now = new Date(clock());
    const rows = limits
      .map(({ key, windowMs }) => ({ key, count: 1, window_ends: new Date(now.getTime() + windowMs) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const whileOpen = (expression: ExpressionBuilder<AuthTables, 'guess_counters'>) =>
      expression('guess_counters.window_ends', '>', now);
    return db.transaction().execute(async (tx) => {
      const counted = await tx
        .insertInto('guess_counters')
        .values(rows)
        .onConflict((conflict) =>
          conflict.column('key').doUpdateSet((expression) => ({
            count: expression
              .case()
              .when(whileOpen(expression))
              .then(expression('guess_counters.count', '+', 1))
              .else(1)
              .end(),
            window_ends: expression
              .case()
              .when(whileOpen(expression))
              .then(expression.ref('guess_counters.window_ends'))
              .else(expression.ref('excluded.window_ends'))
              .end(),
          })),
        )
        .returning(['key', 'count', 'window_ends'])
        .execute();
      const limitOf = new Map(limits.map(({ key, limit }) => [key, limit]));
      const [usedUp] = counted
        .filter(({ key, count }) => count > (limitOf.get(key) ?? 0))
        .sort((a, b) => b.window_ends.getTime() - a.window_ends.getTime());
      if (!usedUp) return { granted: true };
      await takeBack(
        tx,
        rows.map(({ key }) => key),
      );
      return {
        granted: false,
        key: usedUp.key,
        retryAfterMs: usedUp.window_ends.getTime() - now.getTime(),
      };
    });
  }

  const counters: Counters = {
    reserve,
    giveBack: (keys) => takeBack(db, keys),
    async remove(key) {
      await db.deleteFrom('guess_counters').where('key', '=', key).execute();
    },
  };

  return {
    counters,

    async knows(subject: string, address: string): Promise<boolean> {
      const row = await db
        .selectFrom('known_addresses')
        .select('subject')
        .where('subject', '=', subject)
        .where('address', '=', address)
        .executeTakeFirst();
      return row !== undefined;
    },

    async remember({ subject, address, lastSeenAt }: KnownAddress): Promise<void> {
      await db
        .insertInto('known_addresses')
        .values({ subject, address, last_seen_at: lastSeenAt })
        .onConflict(seenAgain)
        .execute();
    },

    /** Removes windows that are over, and addresses last seen before `seenBefore`. */
    async removeExpired(seenBefore: Date): Promise<void> {
      await db.deleteFrom('guess_counters').where('window_ends', '<=', new Date(clock())).execute();
      await db.deleteFrom('known_addresses').where('last_seen_at', '<', seenBefore).execute();
    },
  };
}
export type GuessRepository = ReturnType<typeof createGuessRepository>;
