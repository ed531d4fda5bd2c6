import { type Kysely, type QueryCreator, type RawBuilder, sql } from 'kysely';
import type { InstanceRow, TaskRow } from './moves-repository.ts';
import type { Note } from './notes.ts';
import type { ActionsTable, IdempotencyKeysTable, ProcessTables } from './tables.ts';

/** An action that is to be done from now on. */
export type NewAction = Pick<ActionsTable, 'step' | 'action' | 'account_id' | 'actor_id'>;
/** A key that a client may repeat a start by, with what that is answered with. */
export type TakenKey = Pick<IdempotencyKeysTable, 'account_id' | 'key' | 'digest' | 'expires_at'> & {
  answer: unknown;
};

/** All that happens to an instance at once. */
export type Change = {
  instance: InstanceRow;
  /** Number of the newest history entry when it was read; null: it is new. */
  readLength: number | null;
  at: Date;
  /** As they are to be. */
  changed: readonly TaskRow[];
  opened: TaskRow | null;
  joined: number | null;
  ordered: NewAction | null;
  dropsActions: boolean;
  history: readonly { number: number; note: Note; actorId: number | null }[];
  /** JSON, in their order. */
  events: readonly string[];
  /** Taken with a new instance. */
  key: TakenKey | null;
};

type Row = Record<string, unknown>;

/** Answers no row where the key is in use; waits for the end of whoever takes the same key. */
const takeKey = (
  { account_id, key, digest, expires_at, answer }: TakenKey,
  { instance, at }: Change,
) => sql<Row>`(
    insert into process.idempotency_keys as used (account_id, key, digest, instance_id, answer, expires_at)
    values (${account_id}, ${key}, ${digest}, ${instance.id}, ${JSON.stringify(answer)}, ${expires_at})
    on conflict (account_id, key) do update set
      digest = excluded.digest, instance_id = excluded.instance_id, answer = excluded.answer,
      expires_at = excluded.expires_at
    where used.expires_at <= ${at}
    returning instance_id
  )`;

const insertInstance = ({ instance, key }: Change) => sql<Row>`(
    insert into process.instances (id, process_name, version, status, form, applicant_id, outcome, taken_up,
      history_length, created_at, modified_at)
    select ${instance.id}::int8, ${instance.process_name}::text, ${instance.version}::int4,
      ${instance.status}::text, ${JSON.stringify(instance.form)}::jsonb, ${instance.applicant_id}::int8,
      ${instance.outcome}::text, ${instance.taken_up}::bool, ${instance.history_length}::int4,
      ${instance.created_at}::timestamptz, ${instance.modified_at}::timestamptz
    ${key === null ? sql`` : sql`from taken`}
    returning id
  )`;

/** Whoever changes an instance adds to its history: its length tells whether somebody has. */
const updateInstance = ({ instance }: Change, readLength: number) => sql<Row>`(
    update process.instances set status = ${instance.status}, outcome = ${instance.outcome},
      taken_up = ${instance.taken_up}, history_length = ${instance.history_length},
      modified_at = ${instance.modified_at}
    where id = ${instance.id} and history_length = ${readLength}
    returning id
  )`;

const updateTask = ({ id, status, assignee_id, closed_at }: TaskRow) => sql<Row>`(
    update process.tasks set status = ${status}, assignee_id = ${assignee_id}, closed_at = ${closed_at}
    from moved where tasks.id = ${id}
  )`;

const insertTask = (task: TaskRow) => sql<Row>`(
    insert into process.tasks (id, instance_id, step, status, candidate_role, assignee_id, due_at, remind_at, opened_at)
    select ${task.id}::int8, moved.id, ${task.step}::text, ${task.status}::text, ${task.candidate_role}::text,
      ${task.assignee_id}::int8, ${task.due_at}::timestamptz, ${task.remind_at}::timestamptz,
      ${task.opened_at}::timestamptz
    from moved
  )`;

const insertParticipant = (accountId: number) => sql<Row>`(
    insert into process.participants (instance_id, account_id)
    select moved.id, ${accountId}::int8 from moved
    on conflict do nothing
  )`;

const insertAction = ({ step, action, account_id, actor_id }: NewAction, at: Date) => sql<Row>`(
    insert into process.actions (instance_id, step, action, account_id, actor_id, next_attempt_at)
    select moved.id, ${step}::text, ${action}::text, ${account_id}::int8, ${actor_id}::int8, ${at}::timestamptz
    from moved
  )`;

const deleteActions = (instanceId: number) => sql<Row>`(
    delete from process.actions where instance_id = ${instanceId} and exists (select from moved)
  )`;

/** However many rows, the statement is the same text, which the database need not plan again. */
const insertHistory = ({ history, at }: Change) => {
  const rows = history.map(({ number, note: { action, taskId, details }, actorId }) => ({
    number,
    action,
    actor_id: actorId,
    task_id: taskId,
    details,
  }));
  return sql<Row>`(
    insert into process.history (instance_id, number, at, action, actor_id, task_id, details)
    select moved.id, number, ${at}::timestamptz, action, actor_id, task_id, details
    from moved, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as entry (number int4, action text, actor_id int8, task_id int8, details jsonb)
  )`;
};

/** They are JSON already, and get their numbers in their order. */
const insertEvents = (events: readonly string[]) => sql<Row>`(
    insert into process.outbox (key, event)
    select event ->> 'key', event
    from moved, jsonb_array_elements(${`[${events.join(',')}]`}::jsonb) with ordinality as told (event, place)
    order by place
  )`;

/** What is written, under the names by which parts refer to those before them. */
function partsOf(change: Change): [name: string, part: RawBuilder<Row>][] {
  const { instance, readLength, at, key, opened, joined, ordered, events } = change;
  return [
    ...(key === null ? [] : [part('taken', takeKey(key, change))]),
    part('moved', readLength === null ? insertInstance(change) : updateInstance(change, readLength)),
    ...change.changed.map((task, index) => part(`changed_${index}`, updateTask(task))),
    ...(opened === null ? [] : [part('opened', insertTask(opened))]),
    ...(joined === null ? [] : [part('joined', insertParticipant(joined))]),
    ...(ordered === null ? [] : [part('ordered', insertAction(ordered, at))]),
    ...(change.dropsActions ? [part('dropped', deleteActions(instance.id))] : []),
    part('noted', insertHistory(change)),
    ...(events.length === 0 ? [] : [part('told', insertEvents(events))]),
  ];
}
const part = (name: string, body: RawBuilder<Row>): [string, RawBuilder<Row>] => [name, body];

const nextId = (table: 'instances' | 'tasks') =>
  sql<number>`nextval(${sql.lit(`process.${table}_id_seq`)}::regclass)`;

/** The part that everything else hangs on. */
type Moved = { moved: { id: number } };

/**
 * All SQL that writes what happens to an instance: one statement, in which everything else hangs on the row of the
 * instance. That row is changed, and so locked, first.
 */
export function createChangesRepository() {
  return {
    /** Of an instance that begins, and of its first task. */
    async newIds(db: Kysely<ProcessTables>): Promise<{ instanceId: number; taskId: number }> {
      return db
        .selectNoFrom([nextId('instances').as('instanceId'), nextId('tasks').as('taskId')])
        .executeTakeFirstOrThrow();
    },

    async newTaskId(db: Kysely<ProcessTables>): Promise<number> {
      return (await db.selectNoFrom(nextId('tasks').as('id')).executeTakeFirstOrThrow()).id;
    },

    /** Answers whether it is written: all of it, or nothing. */
    async write(db: Kysely<ProcessTables>, change: Change): Promise<boolean> {
      // Made by the query builder, so that it is prepared.
      const statement = partsOf(change).reduce<QueryCreator<ProcessTables & Moved>>(
        (before, [name, body]) => before.with(name, () => body),
        db,
      );
      return (await statement.selectFrom('moved').select('moved.id').executeTakeFirst()) !== undefined;
    },
  };
}
export type ChangesRepository = ReturnType<typeof createChangesRepository>;
