import type { Role } from '@vestibule/shared/contracts/account';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { AccountAction } from './definition.ts';
import type { HistoryTable, InstancesTable, ProcessTables, TasksTable } from './tables.ts';

export type ProcessTransaction = Transaction<ProcessTables>;
export type InstanceRow = Omit<Selectable<InstancesTable>, 'form'> & { form: JsonObject };
export type TaskRow = Selectable<TasksTable>;
export type HistoryRow = Omit<HistoryTable, 'details'> & { details: JsonObject };

/** A task with what must be known of its instance before that is locked: it never changes. */
export type LocatedTask = TaskRow & Pick<InstanceRow, 'process_name' | 'version' | 'applicant_id'>;

/** As a literal, because the partial indexes hold for these and not for any parameter. */
const unfinished = sql<boolean>`status in ('open', 'claimed')`;

/** The instance, which nobody else changes until the transaction ends. */
async function lock(tx: ProcessTransaction, id: number): Promise<InstanceRow | null> {
  const row = await tx
    .selectFrom('instances')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  // Nothing but objects is written there.
  return row ? { ...row, form: row.form as JsonObject } : null;
}

/** All SQL that changes instances and their tasks, and what is read for it. Instances are locked before tasks. */
export function createMovesRepository({ db }: { db: Kysely<ProcessTables> }) {
  return {
    transaction: <T>(work: (tx: ProcessTransaction) => Promise<T>): Promise<T> =>
      db.transaction().execute(work),

    lock,

    /** The task as it is now, without a lock: its instance is what is locked. */
    async findTask(id: number): Promise<LocatedTask | null> {
      const row = await db
        .selectFrom('tasks')
        .innerJoin('instances', 'instances.id', 'tasks.instance_id')
        .selectAll('tasks')
        .select(['process_name', 'version', 'applicant_id'])
        .where('tasks.id', '=', id)
        .executeTakeFirst();
      return row ?? null;
    },

    task: (tx: ProcessTransaction, id: number): Promise<TaskRow> =>
      tx.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),

    /** Who completed a step of the instance last; null: nobody. */
    async lastWorker(instanceId: number, step: string): Promise<number | null> {
      const row = await db
        .selectFrom('tasks')
        .select('assignee_id')
        .where('instance_id', '=', instanceId)
        .where('step', '=', step)
        .where('status', '=', 'completed')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.assignee_id ?? null;
    },

    /** Whether the applicant has one that runs; who asks at the same time waits for the end of the first. */
    async hasRunning(tx: ProcessTransaction, processName: string, applicantId: number): Promise<boolean> {
      const lockName = `one ${processName} of ${applicantId}`;
      await sql`select pg_advisory_xact_lock(hashtextextended(${lockName}, 0))`.execute(tx);
      const row = await tx
        .selectFrom('instances')
        .select('id')
        .where('applicant_id', '=', applicantId)
        .where('process_name', '=', processName)
        .where(sql<boolean>`status = 'running'`)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    async insertInstance(
      tx: ProcessTransaction,
      draft: Pick<InstanceRow, 'process_name' | 'version' | 'form' | 'applicant_id' | 'created_at'>,
    ): Promise<InstanceRow> {
      const row = await tx
        .insertInto('instances')
        .values({
          ...draft,
          form: JSON.stringify(draft.form),
          status: 'running',
          modified_at: draft.created_at,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return { ...row, form: draft.form };
    },

    /** What a move changes of an instance. */
    async updateInstance(tx: ProcessTransaction, instance: InstanceRow): Promise<void> {
      const { status, outcome, taken_up, history_length, modified_at } = instance;
      await tx
        .updateTable('instances')
        .set({ status, outcome, taken_up, history_length, modified_at })
        .where('id', '=', instance.id)
        .execute();
    },

    async addHistory(tx: ProcessTransaction, rows: readonly HistoryRow[]): Promise<void> {
      await tx
        .insertInto('history')
        .values(rows.map((row) => ({ ...row, details: JSON.stringify(row.details) })))
        .execute();
    },

    async addParticipant(tx: ProcessTransaction, instanceId: number, accountId: number): Promise<void> {
      await tx
        .insertInto('participants')
        .values({ instance_id: instanceId, account_id: accountId })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    insertTask: (
      tx: ProcessTransaction,
      draft: Omit<TaskRow, 'id' | 'overdue_at' | 'closed_at'>,
    ): Promise<TaskRow> => tx.insertInto('tasks').values(draft).returningAll().executeTakeFirstOrThrow(),

    updateTask: (
      tx: ProcessTransaction,
      id: number,
      change: Partial<Pick<TaskRow, 'status' | 'assignee_id' | 'closed_at'>>,
    ): Promise<TaskRow> =>
      tx.updateTable('tasks').set(change).where('id', '=', id).returningAll().executeTakeFirstOrThrow(),

    /** Cancels what is unfinished, and answers it. */
    async cancelTasks(tx: ProcessTransaction, instanceId: number, closedAt: Date): Promise<TaskRow[]> {
      const rows = await tx
        .updateTable('tasks')
        .set({ status: 'cancelled', closed_at: closedAt })
        .where('instance_id', '=', instanceId)
        .where(unfinished)
        .returningAll()
        .execute();
      return rows.sort((one, other) => one.id - other.id);
    },

    /** What an account has claimed and others may do, those of one role left out. */
    releasableTasks: (
      tx: ProcessTransaction,
      accountId: number,
      keepRole: Role | null,
    ): Promise<Pick<TaskRow, 'id' | 'instance_id'>[]> =>
      tx
        .selectFrom('tasks')
        .select(['id', 'instance_id'])
        .where('assignee_id', '=', accountId)
        .where(sql<boolean>`status = 'claimed'`)
        .where('candidate_role', 'is not', null)
        .$if(keepRole !== null, (query) => query.where('candidate_role', '<>', keepRole))
        .orderBy('instance_id')
        .orderBy('id')
        .execute(),

    async insertAction(
      tx: ProcessTransaction,
      draft: {
        instance_id: number;
        step: string;
        action: AccountAction;
        account_id: number;
        actor_id: number | null;
        next_attempt_at: Date;
      },
    ): Promise<void> {
      await tx.insertInto('actions').values(draft).execute();
    },

    /** Whether it was still there. */
    async removeAction(tx: ProcessTransaction, id: number): Promise<boolean> {
      const { numDeletedRows } = await tx.deleteFrom('actions').where('id', '=', id).executeTakeFirst();
      return numDeletedRows === 1n;
    },

    async removeActions(tx: ProcessTransaction, instanceId: number): Promise<void> {
      await tx.deleteFrom('actions').where('instance_id', '=', instanceId).execute();
    },
  };
}
export type MovesRepository = ReturnType<typeof createMovesRepository>;
