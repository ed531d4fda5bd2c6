import type { Role } from '@vestibule/shared/contracts/account';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import type { InstanceStatus } from '@vestibule/shared/contracts/process';
import { fixedQuery } from '@vestibule/shared/database/fixed-query';
import { type ExpressionBuilder, type Kysely, sql, type Transaction } from 'kysely';
import { jsonArrayFrom, jsonObjectFrom } from 'kysely/helpers/postgres';
import type { HistoryRow, InstanceRow, TaskRow } from './moves-repository.ts';
import type { ProcessTables } from './tables.ts';

/** An instance with its newest tasks, the oldest first. */
export type InstanceRecord = { instance: InstanceRow; tasks: TaskRow[] };
/** The same around one of its tasks. */
export type LocatedTask = InstanceRecord & { task: TaskRow };
/** A history entry with the step of its task. */
export type EntryRecord = HistoryRow & { step: string | null };
/** A task with what an inbox shows of its instance. */
export type InboxRecord = TaskRow & {
  instance: Pick<InstanceRow, 'process_name' | 'version' | 'form' | 'applicant_id' | 'created_at'>;
};
/** Which rows of a list. */
export type Slice = { offset: number; limit: number };
/** Which instances; what is absent is no limit. */
export type InstanceFilter = {
  applicantId?: number | undefined;
  processName?: string | undefined;
  status?: InstanceStatus | undefined;
};

/** Nothing but objects is written there. */
const asObject = (json: unknown) => json as JsonObject;

/** The newest `each` tasks of an instance, the oldest first, in the statement that reads the instance. */
const newestTasks = (instances: ExpressionBuilder<ProcessTables, 'instances'>, each: number) =>
  jsonArrayFrom(
    instances
      .selectFrom((tasks) =>
        tasks
          .selectFrom('tasks')
          .selectAll('tasks')
          .whereRef('tasks.instance_id', '=', 'instances.id')
          .orderBy('tasks.id', 'desc')
          .limit(each)
          .as('newest'),
      )
      .selectAll('newest')
      .orderBy('newest.id'),
  ).as('tasks');

type JsonTask = {
  [K in keyof TaskRow]: Date extends TaskRow[K] ? Exclude<TaskRow[K], Date> | string : TaskRow[K];
};

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));

/** Times are text in JSON. */
const taskOf = (task: JsonTask): TaskRow => ({
  ...task,
  due_at: dateOf(task.due_at),
  remind_at: dateOf(task.remind_at),
  overdue_at: dateOf(task.overdue_at),
  opened_at: new Date(task.opened_at),
  closed_at: dateOf(task.closed_at),
});

const recordOf = ({
  tasks,
  form,
  ...row
}: Omit<InstanceRow, 'form'> & { form: unknown; tasks: JsonTask[] }): InstanceRecord => ({
  instance: { ...row, form: asObject(form) },
  tasks: tasks.map(taskOf),
});

/** All SQL of what is shown of instances and tasks. What belongs together is read as it is at one moment. */
export function createViewsRepository({ db }: { db: Kysely<ProcessTables> }) {
  const byId = fixedQuery(db, ({ id, each }: { id: number; each: number }) =>
    db
      .selectFrom('instances')
      .selectAll('instances')
      .select((instances) => newestTasks(instances, each))
      .where('id', '=', id),
  );
  const around = fixedQuery(db, ({ taskId, each }: { taskId: number; each: number }) =>
    db
      .selectFrom('instances')
      .selectAll('instances')
      .select((instances) => [
        newestTasks(instances, each),
        jsonObjectFrom(instances.selectFrom('tasks').selectAll('tasks').where('tasks.id', '=', taskId)).as(
          'task',
        ),
      ])
      .where('id', '=', ({ selectFrom }) =>
        selectFrom('tasks').select('instance_id').where('tasks.id', '=', taskId),
      ),
  );
  const atOneMoment = <T>(read: (tx: Transaction<ProcessTables>) => Promise<T>): Promise<T> =>
    db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);

  return {
    /** The instance with its newest `each` tasks; null: there is none. */
    async instance(id: number, each: number): Promise<InstanceRecord | null> {
      const [row] = await byId({ id, each });
      return row ? recordOf(row) : null;
    },

    /** A task with its instance and the newest `each` tasks of that; null: there is no such task. */
    async byTask(taskId: number, each: number): Promise<LocatedTask | null> {
      const [row] = await around({ taskId, each });
      if (!row?.task) return null;
      const { task, ...record } = row;
      return { ...recordOf(record), task: taskOf(task) };
    },

    /** A page of the history, counted from its end, in the order in which it happened. */
    async history(instanceId: number, { from, to }: { from: number; to: number }): Promise<EntryRecord[]> {
      const rows = await db
        .selectFrom('history')
        .leftJoin('tasks', 'tasks.id', 'history.task_id')
        .selectAll('history')
        .select('tasks.step as step')
        .where('history.instance_id', '=', instanceId)
        .where('history.number', '>=', from)
        .where('history.number', '<=', to)
        .orderBy('history.number')
        .execute();
      return rows.map((row) => ({ ...row, details: asObject(row.details) }));
    },

    /** Newest first, with the newest `each` tasks, and how many there are in all. */
    list(
      { applicantId, processName, status }: InstanceFilter,
      { offset, limit }: Slice,
      each: number,
    ): Promise<{ total: number; records: InstanceRecord[] }> {
      return atOneMoment(async (tx) => {
        let filtered = tx.selectFrom('instances');
        if (applicantId !== undefined) filtered = filtered.where('applicant_id', '=', applicantId);
        if (processName !== undefined) filtered = filtered.where('process_name', '=', processName);
        if (status !== undefined) filtered = filtered.where('status', '=', status);
        const { total } = await filtered
          .select(({ fn }) => fn.countAll<number>().as('total'))
          .executeTakeFirstOrThrow();
        if (total <= offset) return { total, records: [] };
        const rows = await filtered
          .selectAll('instances')
          .select((instances) => newestTasks(instances, each))
          .orderBy('id', 'desc')
          .limit(limit)
          .offset(offset)
          .execute();
        return { total, records: rows.map(recordOf) };
      });
    },

    /** What the account has claimed, then what its role may claim; the earliest due first, then the oldest. */
    inbox(
      { accountId, role }: { accountId: number; role: Role },
      { offset, limit }: Slice,
    ): Promise<{ total: number; tasks: InboxRecord[] }> {
      return atOneMoment(async (tx) => {
        // Literals, because the partial indexes hold for these statuses and not for any parameter.
        const all = tx.selectFrom('tasks').innerJoin('instances', 'instances.id', 'tasks.instance_id');
        const claimed = all
          .where('tasks.assignee_id', '=', accountId)
          .where(sql<boolean>`tasks.status = 'claimed'`);
        const open = all.where('tasks.candidate_role', '=', role).where(sql<boolean>`tasks.status = 'open'`);
        const count = async (tasks: typeof all) =>
          (await tasks.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()).count;
        const slice = async (tasks: typeof all, from: number, rows: number) => {
          if (rows <= 0) return [];
          return tasks
            .selectAll('tasks')
            .select(['process_name', 'version', 'form', 'applicant_id', 'created_at'])
            .orderBy('tasks.due_at')
            .orderBy('tasks.id')
            .limit(rows)
            .offset(from)
            .execute();
        };
        const claimedTotal = await count(claimed);
        const total = claimedTotal + (await count(open));
        const first = await slice(claimed, offset, Math.min(limit, claimedTotal - offset));
        const rest = await slice(open, Math.max(offset - claimedTotal, 0), limit - first.length);
        const tasks = [...first, ...rest].map(
          ({ process_name, version, form, applicant_id, created_at, ...task }) => ({
            ...task,
            instance: { process_name, version, form: asObject(form), applicant_id, created_at },
          }),
        );
        return { total, tasks };
      });
    },

    /** What the account took part in, newest first, with the newest `each` of its own acts, the oldest first. */
    takenPartIn(
      accountId: number,
      { offset, limit }: Slice,
      each: number,
    ): Promise<{ total: number; records: { instance: InstanceRow; acts: EntryRecord[] }[] }> {
      return atOneMoment(async (tx) => {
        const own = tx.selectFrom('participants').where('participants.account_id', '=', accountId);
        const { total } = await own
          .select(({ fn }) => fn.countAll<number>().as('total'))
          .executeTakeFirstOrThrow();
        if (total <= offset) return { total, records: [] };
        const rows = await own
          .innerJoin('instances', 'instances.id', 'participants.instance_id')
          .selectAll('instances')
          .orderBy('participants.instance_id', 'desc')
          .limit(limit)
          .offset(offset)
          .execute();
        const acts = await tx
          .selectFrom('instances')
          .innerJoinLateral(
            (expression) =>
              expression
                .selectFrom('history')
                .selectAll('history')
                .whereRef('history.instance_id', '=', 'instances.id')
                .where('history.actor_id', '=', accountId)
                .orderBy('history.number', 'desc')
                .limit(each)
                .as('act'),
            (join) => join.onTrue(),
          )
          .leftJoin('tasks', 'tasks.id', 'act.task_id')
          .selectAll('act')
          .select('tasks.step as step')
          .where(
            'instances.id',
            'in',
            rows.map(({ id }) => id),
          )
          .orderBy('act.number')
          .execute();
        const records = rows.map((row) => ({
          instance: { ...row, form: asObject(row.form) },
          acts: acts
            .filter(({ instance_id }) => instance_id === row.id)
            .map((act) => ({ ...act, details: asObject(act.details) })),
        }));
        return { total, records };
      });
    },

    /** Whether the account has or had a task of the instance, or is its applicant. */
    async isParticipant(instanceId: number, accountId: number): Promise<boolean> {
      const row = await db
        .selectFrom('participants')
        .select('account_id')
        .where('instance_id', '=', instanceId)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Steps whose actions are to be done. */
    async pendingActions(instanceId: number): Promise<string[]> {
      const rows = await db
        .selectFrom('actions')
        .select('step')
        .where('instance_id', '=', instanceId)
        .execute();
      return rows.map(({ step }) => step);
    },
  };
}
export type ViewsRepository = ReturnType<typeof createViewsRepository>;
