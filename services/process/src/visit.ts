import type { Clock } from '@vestibule/shared/call-context';
import type { EventSource, Outbox } from '@vestibule/shared/outbox/outbox';
import type { Kysely } from 'kysely';
import type { ChangesRepository, NewAction, TakenKey } from './changes-repository.ts';
import type { InstanceRow, TaskRow } from './moves-repository.ts';
import type { Note } from './notes.ts';
import type { ProcessTables } from './tables.ts';
import type { InstanceRecord } from './views-repository.ts';

/** Who does what is noted: who asked for it, or the platform as a consequence of that. */
type Doer = 'source' | 'platform';

/** A task before it has its id and its instance. */
export type NewTask = Pick<
  TaskRow,
  'step' | 'status' | 'candidate_role' | 'assignee_id' | 'due_at' | 'remind_at'
>;

/**
 * What is done to one instance at once. All of it is gathered here and written by `leave` in one statement; without
 * `leave` nothing is written.
 */
export type Visit = {
  /** As it will be: changed here, written by `leave`. */
  readonly instance: InstanceRow;
  readonly source: EventSource;
  /** When all of it happens. */
  readonly at: Date;
  /** Numbers what happens; it gets its entry of the history, and its event. */
  note(note: Note, doer?: Doer): void;
  /** Answers the task as it will be. */
  change(task: TaskRow, to: Pick<TaskRow, 'status'> & Partial<Pick<TaskRow, 'assignee_id'>>): TaskRow;
  /** Once a visit. */
  open(task: NewTask): Promise<TaskRow>;
  /** An account takes part from now on; one a visit. */
  join(accountId: number): void;
  order(action: NewAction): void;
  /** What was ordered and is not done is not to be done any more. */
  dropActions(): void;
  /** The instance and its tasks as they will be, where these are all or the newest as they were read. */
  record(tasks: readonly TaskRow[]): InstanceRecord;
  /**
   * Answers whether it is written: not when somebody else has changed the instance since it was read, nor when the
   * key is in use, which is taken for the client of a new one.
   */
  leave(key?: TakenKey): Promise<boolean>;
};

/** Where a visit writes, and what of: an instance that its transaction has locked, that was read, or is new. */
type Place = {
  db: Kysely<ProcessTables>;
  of: 'locked' | 'read' | 'new';
  /** Of the task that it opens; absent: it is asked for when it is needed. */
  taskId?: number;
};

/** Makes visits of instances as they were read, or as they are to begin. */
export function createVisits({
  repository,
  outbox,
  clock,
}: {
  repository: ChangesRepository;
  outbox: Pick<Outbox<ProcessTables>, 'encode'>;
  clock: Clock;
}) {
  return function visit(instance: InstanceRow, source: EventSource, place: Place): Visit {
    const { db, of } = place;
    const { requestId, caller } = source;
    const at = new Date(clock());
    const readLength = instance.history_length;
    const changed = new Map<number, TaskRow>();
    let opened: TaskRow | null = null;
    let joined: number | null = null;
    let ordered: NewAction | null = null;
    let dropsActions = false;
    const history: { number: number; note: Note; actorId: number | null }[] = [];
    const events: string[] = [];

    return {
      instance,
      source,
      at,
      note(note, doer = 'source') {
        const byPlatform = doer === 'platform';
        instance.history_length += 1;
        instance.modified_at = at;
        const actorId = byPlatform ? null : (caller?.accountId ?? null);
        history.push({ number: instance.history_length, note, actorId });
        if (note.event !== null) events.push(outbox.encode(note.event, byPlatform ? { requestId } : source));
      },
      change(task, to) {
        const isClosed = to.status === 'completed' || to.status === 'cancelled';
        const after = { ...task, ...to, ...(isClosed && { closed_at: at }) };
        changed.set(task.id, after);
        return after;
      },
      async open(task) {
        const id = place.taskId ?? (await repository.newTaskId(db));
        opened = { ...task, id, instance_id: instance.id, opened_at: at, overdue_at: null, closed_at: null };
        return opened;
      },
      join(accountId) {
        joined = accountId;
      },
      order(action) {
        ordered = action;
      },
      dropActions() {
        dropsActions = true;
      },
      record(tasks) {
        const after = tasks.map((task) => changed.get(task.id) ?? task);
        return { instance, tasks: opened === null ? after : [...after, opened] };
      },
      async leave(key) {
        if (history.length === 0) return true;
        const written = await repository.write(db, {
          instance,
          readLength: of === 'new' ? null : readLength,
          at,
          changed: [...changed.values()],
          opened,
          joined,
          ordered,
          dropsActions,
          history,
          events,
          key: key ?? null,
        });
        if (of === 'locked' && !written)
          throw new Error(`the instance ${instance.id} changed under its lock`);
        return written;
      },
    };
  };
}
