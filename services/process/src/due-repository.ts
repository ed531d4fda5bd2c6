import { type Kysely, sql } from 'kysely';
import type { ProcessTransaction } from './moves-repository.ts';
import type { ProcessTables } from './tables.ts';

/** An unfinished task of a running instance whose time has come. */
export type DueTask = {
  id: number;
  step: string;
  dueAt: Date;
  instance: { id: number; processName: string; applicantId: number };
};

/** What time does to a task: it is to be done soon, or should have been done. */
export type DueKind = 'due-soon' | 'overdue';

/** As literals, because the partial indexes hold for these and not for any parameter. */
const unfinished = sql<boolean>`tasks.status in ('open', 'claimed')`;
const running = sql<boolean>`instances.status = 'running'`;

const hasCome: Record<DueKind, (now: Date) => ReturnType<typeof sql<boolean>>> = {
  // What is overdue already is not reminded of: the other look finds it.
  'due-soon': (now) => sql`tasks.remind_at <= ${now} and tasks.due_at > ${now}`,
  overdue: (now) => sql`tasks.overdue_at is null and tasks.due_at <= ${now}`,
};
const orderedBy = { 'due-soon': 'tasks.remind_at', overdue: 'tasks.due_at' } as const;

/**
 * The instances with a task whose time has come, the longest due first, locked until the transaction ends. Those
 * that somebody else has locked are left for the next look: who locks several at once must never wait.
 */
async function lockInstances(
  tx: ProcessTransaction,
  kind: DueKind,
  { now, limit }: { now: Date; limit: number },
): Promise<Map<number, DueTask['instance']>> {
  const rows = await tx
    .selectFrom('tasks')
    .innerJoin('instances', 'instances.id', 'tasks.instance_id')
    .select(['instances.id', 'process_name as processName', 'applicant_id as applicantId'])
    .where(unfinished)
    .where(running)
    .where(hasCome[kind](now))
    .orderBy(orderedBy[kind])
    .limit(limit)
    .forUpdate('instances')
    .skipLocked()
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Marks the tasks, so that nobody finds them again. What was read before the lock may be old: the conditions are
 * asked again of the rows as they are now.
 */
async function markTasks(
  tx: ProcessTransaction,
  kind: DueKind,
  { now, instanceIds }: { now: Date; instanceIds: readonly number[] },
) {
  return (
    tx
      .updateTable('tasks')
      // Who was not told before it was due need not be told that it soon will be.
      .set(kind === 'overdue' ? { overdue_at: now, remind_at: null } : { remind_at: null })
      .where('tasks.instance_id', 'in', instanceIds)
      .where(unfinished)
      .where(hasCome[kind](now))
      .returning(['id', 'instance_id', 'step', 'due_at'])
      .execute()
  );
}

/** All SQL on the time of tasks. */
export function createDueRepository({ db }: { db: Kysely<ProcessTables> }) {
  return {
    /**
     * Marks the tasks of at most `limit` instances whose time has come, and hands them to `write` in the same
     * transaction, with their instances locked. Any number of replicas may do so: each task is handed out once.
     * Answers whether there may be more.
     */
    take(
      kind: DueKind,
      { now, limit }: { now: Date; limit: number },
      write: (tx: ProcessTransaction, tasks: readonly DueTask[]) => Promise<void>,
    ): Promise<boolean> {
      return db.transaction().execute(async (tx) => {
        const instances = await lockInstances(tx, kind, { now, limit });
        if (instances.size === 0) return false;
        const marked = await markTasks(tx, kind, { now, instanceIds: [...instances.keys()] });
        const tasks = marked.flatMap(({ id, step, instance_id, due_at }): DueTask[] => {
          const instance = instances.get(instance_id);
          return instance && due_at ? [{ id, step, dueAt: due_at, instance }] : [];
        });
        await write(
          tx,
          tasks.sort((one, other) => one.id - other.id),
        );
        return true;
      });
    },

    /** How many tasks are overdue and not done. */
    async countOverdue(): Promise<number> {
      const { count } = await db
        .selectFrom('tasks')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('overdue_at', 'is not', null)
        .where(unfinished)
        .executeTakeFirstOrThrow();
      return count;
    },
  };
}
export type DueRepository = ReturnType<typeof createDueRepository>;
