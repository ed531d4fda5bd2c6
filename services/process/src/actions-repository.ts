import { type Kysely, type Selectable, sql } from 'kysely';
import type { ProcessTransaction } from './moves-repository.ts';
import type { ActionsTable, InstancesTable, ProcessTables } from './tables.ts';

/** An action that is to be done, with the definition that its instance is on. */
export type WaitingAction = Selectable<ActionsTable> & Pick<InstancesTable, 'process_name' | 'version'>;

/** All SQL on who does an action when; what it leads to is in moves.ts. */
export function createActionsRepository({ db }: { db: Kysely<ProcessTables> }) {
  return {
    transaction: <T>(work: (tx: ProcessTransaction) => Promise<T>): Promise<T> =>
      db.transaction().execute(work),

    /**
     * At most `limit` actions whose time has come, of one instance or of all, the longest waiting first. They are
     * the caller's until `leasedUntil`: no other replica gets them before, and somebody does after it. What was never
     * tried is left to the request that ordered it, which names the instance, until `orderedBefore`.
     */
    take({
      now,
      orderedBefore,
      leasedUntil,
      limit,
      instanceId,
    }: {
      now: Date;
      orderedBefore: Date;
      leasedUntil: Date;
      limit: number;
      instanceId?: number | undefined;
    }): Promise<WaitingAction[]> {
      return db
        .with('free', (free) =>
          free
            .selectFrom('actions')
            .select('id')
            .where('next_attempt_at', '<=', now)
            .where((action) =>
              instanceId === undefined
                ? action.or([action('attempts', '>', 0), action('next_attempt_at', '<=', orderedBefore)])
                : action('instance_id', '=', instanceId),
            )
            .orderBy('next_attempt_at')
            .limit(limit)
            .forUpdate()
            .skipLocked(),
        )
        .updateTable('actions')
        .from('instances')
        .whereRef('instances.id', '=', 'actions.instance_id')
        .set({ attempts: sql`attempts + 1`, next_attempt_at: leasedUntil })
        .where('actions.id', 'in', (query) => query.selectFrom('free').select('id'))
        .returningAll('actions')
        .returning(['process_name', 'version'])
        .execute();
    },

    /** Lets it be taken again from `at` on; of no effect when somebody else has taken it since. */
    async putBack(id: number, attempts: number, at: Date): Promise<void> {
      await db
        .updateTable('actions')
        .set({ next_attempt_at: at })
        .where('id', '=', id)
        .where('attempts', '=', attempts)
        .execute();
    },

    /** How many are not done. */
    async countWaiting(): Promise<number> {
      const { count } = await db
        .selectFrom('actions')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },

    /** Whether nobody has written its result; it stays so while the instance is locked. */
    async isWaiting(tx: ProcessTransaction, id: number): Promise<boolean> {
      const row = await tx.selectFrom('actions').select('id').where('id', '=', id).executeTakeFirst();
      return row !== undefined;
    },
  };
}
export type ActionsRepository = ReturnType<typeof createActionsRepository>;
