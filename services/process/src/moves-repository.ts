import type { Role } from '@vestibule/shared/contracts/account';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { HistoryTable, InstancesTable, ProcessTables, TasksTable } from './tables.ts';

export type ProcessTransaction = Transaction<ProcessTables>;
export type InstanceRow = Omit<Selectable<InstancesTable>, 'form'> & { form: JsonObject };
export type TaskRow = Selectable<TasksTable>;
export type HistoryRow = Omit<HistoryTable, 'details'> & { details: JsonObject };

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

/** What is read of instances and their tasks before they are changed. Instances are locked before tasks. */
export function createMovesRepository({ db }: { db: Kysely<ProcessTables> }) {
  return {
    transaction: <T>(work: (tx: ProcessTransaction) => Promise<T>): Promise<T> =>
      db.transaction().execute(work),

    /** Where each statement is a transaction of its own. */
    alone: db,

    lock,

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
    async hasRunning(tx: Kysely<ProcessTables>, processName: string, applicantId: number): Promise<boolean> {
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

    unfinishedTasks: (tx: ProcessTransaction, instanceId: number): Promise<TaskRow[]> =>
      tx
        .selectFrom('tasks')
        .selectAll()
        .where('instance_id', '=', instanceId)
        .where(unfinished)
        .orderBy('id')
        .execute(),

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

    /** Whether it was still there. */
    async removeAction(tx: ProcessTransaction, id: number): Promise<boolean> {
      const { numDeletedRows } = await tx.deleteFrom('actions').where('id', '=', id).executeTakeFirst();
      return numDeletedRows === 1n;
    },
  };
}
export type MovesRepository = ReturnType<typeof createMovesRepository>;
