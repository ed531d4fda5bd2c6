import type { Clock } from '@vestibule/shared/call-context';
import type { Role } from '@vestibule/shared/contracts/account';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import type { EventSource, Outbox } from '@vestibule/shared/outbox/outbox';
import type { Kysely } from 'kysely';
import type { ChangesRepository } from './changes-repository.ts';
import type { AccountAction, Branch, Definition } from './definition.ts';
import type { InstanceRow, MovesRepository, ProcessTransaction, TaskRow } from './moves-repository.ts';
import { notes } from './notes.ts';
import type { ProcessTables } from './tables.ts';
import { stepOf, timesOf } from './transitions.ts';
import { createVisits, type Visit } from './visit.ts';

/** A definition with its version. */
export type VersionedDefinition = { version: number; definition: Definition };

/** A definition's `assign`, with who that is and may still do it; null: nobody, so it is opened for its role. */
export type LastWorker = { lastWorkerId: number | null };

/** Who starts what, with a form that was checked. */
export type NewInstance = VersionedDefinition & { applicantId: number; form: JsonObject };

/**
 * All that can happen to instances and tasks. An instance is visited as it was read, or in the caller's transaction with
 * the instance locked; either way what happens is written with its history and its events when the visit is left, at
 * once. Whoever commits wakes the outbox. Definitions are handed in: to load one needs a connection of its own, which a
 * transaction must not wait for.
 */
export function createMoves({
  repository,
  changes,
  outbox,
  clock,
}: {
  repository: MovesRepository;
  changes: ChangesRepository;
  outbox: Pick<Outbox<ProcessTables>, 'encode'>;
  clock: Clock;
}) {
  const visit = createVisits({ repository: changes, outbox, clock });

  function giveTo(visit: Visit, task: TaskRow, accountId: number): TaskRow {
    if (accountId !== visit.instance.applicant_id) visit.instance.taken_up = true;
    visit.join(accountId);
    return visit.change(task, { status: 'claimed', assignee_id: accountId });
  }

  /** Brings the instance to a step: opens its task, orders its action, or ends it. */
  async function enter(
    visit: Visit,
    definition: Definition,
    to: { step: string; assigneeId: number | null },
  ): Promise<void> {
    const { instance, at, source } = visit;
    const step = stepOf(definition, to.step);
    if (step.kind === 'end') {
      end(visit, step.outcome);
      return;
    }
    if (step.kind === 'action') {
      visit.order({
        step: to.step,
        action: step.action,
        account_id: instance.applicant_id,
        actor_id: source.caller?.accountId ?? null,
      });
      return;
    }
    const { dueAt, remindAt } = timesOf(step, instance.form, at);
    // Whoever is given it from the start takes part already: the applicant, or who did that step before.
    const assigneeId = step.assignee === 'applicant' ? instance.applicant_id : to.assigneeId;
    const task = await visit.open({
      step: to.step,
      status: assigneeId === null ? 'open' : 'claimed',
      candidate_role: step.candidateRole ?? null,
      assignee_id: assigneeId,
      due_at: dueAt,
      remind_at: remindAt,
    });
    visit.note(notes.opened(instance, task), 'platform');
    if (assigneeId !== null) visit.note(notes.assigned(instance, task, assigneeId), 'platform');
  }

  function end(visit: Visit, outcome: string): void {
    visit.instance.status = 'completed';
    visit.instance.outcome = outcome;
    visit.note(notes.ended(visit.instance, outcome), 'platform');
  }

  function cancelRest(visit: Visit, unfinished: readonly TaskRow[]): void {
    for (const task of unfinished) {
      visit.change(task, { status: 'cancelled' });
      visit.note(notes.cancelled(visit.instance, task), 'platform');
    }
    visit.dropActions();
  }

  const moves = {
    /** Locks the instance; null when there is none. */
    async visit(tx: ProcessTransaction, instanceId: number, source: EventSource): Promise<Visit | null> {
      const instance = await repository.lock(tx, instanceId);
      return instance && visit(instance, source, { db: tx, of: 'locked' });
    },

    /** Without a lock: when it is left, nothing is written if somebody else has changed the instance since. */
    look: (instance: InstanceRow, source: EventSource): Visit =>
      visit({ ...instance }, source, { db: repository.alone, of: 'read' }),

    /**
     * Begins a process, which is written when the visit is left. Answers null when it is one of which an applicant
     * has one at most, and has it: to ask for that there must be a transaction.
     */
    async begin(
      db: Kysely<ProcessTables>,
      { version, definition, applicantId, form }: NewInstance,
      source: EventSource,
    ): Promise<Visit | null> {
      const { name, first, start } = definition;
      if (start.once && (await repository.hasRunning(db, name, applicantId))) return null;
      const ids = await changes.newIds(db);
      const at = new Date(clock());
      const instance: InstanceRow = {
        id: ids.instanceId,
        process_name: name,
        version,
        status: 'running',
        form,
        applicant_id: applicantId,
        outcome: null,
        taken_up: false,
        history_length: 0,
        created_at: at,
        modified_at: at,
      };
      const begun = visit(instance, source, { db, of: 'new', taskId: ids.taskId });
      begun.join(applicantId);
      begun.note(notes.started(instance));
      await enter(begun, definition, { step: first, assigneeId: null });
      return begun;
    },

    /** The same, written. Answers the id of the instance. */
    async startFor(tx: ProcessTransaction, start: NewInstance, source: EventSource): Promise<number | null> {
      const begun = await moves.begin(tx, start, source);
      await begun?.leave();
      return begun?.instance.id ?? null;
    },

    /** Gives an open task to who claims it. */
    claim(visit: Visit, task: TaskRow, accountId: number): TaskRow {
      visit.note(notes.claimed(visit.instance, task));
      return giveTo(visit, task, accountId);
    },

    /** Gives an unfinished task to somebody, whoever has it. */
    assign(visit: Visit, task: TaskRow, assigneeId: number): TaskRow {
      visit.note(notes.assigned(visit.instance, task, assigneeId));
      return giveTo(visit, task, assigneeId);
    },

    release(visit: Visit, task: TaskRow): TaskRow {
      visit.note(notes.released(visit.instance, task));
      return visit.change(task, { status: 'open', assignee_id: null });
    },

    comment(visit: Visit, task: TaskRow, text: string): void {
      visit.note(notes.commented(visit.instance, task, { text }));
    },

    /** Completes a task with its checked form, and goes on to where its branch leads. */
    async complete(
      visit: Visit,
      task: TaskRow,
      on: { definition: Definition; form: JsonObject; branch: Branch } & LastWorker,
    ): Promise<void> {
      visit.change(task, { status: 'completed' });
      visit.note(notes.completed(visit.instance, task, { form: on.form }));
      await enter(visit, on.definition, { step: on.branch.to, assigneeId: on.lastWorkerId });
    },

    /** Ends a running instance with its unfinished tasks before its end, in the name of who asks. */
    cancel(visit: Visit, unfinished: readonly TaskRow[]): void {
      visit.instance.status = 'cancelled';
      visit.note(notes.abandoned(visit.instance));
      cancelRest(visit, unfinished);
    },

    /**
     * Moves on an instance whose action was done, or refused for good: then it is completed with the outcome
     * `refused`. Answers false and changes nothing when the action is gone: done already, or cancelled.
     */
    async actionDone(
      tx: ProcessTransaction,
      {
        action,
        definition,
      }: {
        action: { id: number; instance_id: number; step: string; action: AccountAction };
        definition: Definition;
      },
      result: 'done' | 'refused',
      source: EventSource,
    ): Promise<boolean> {
      const moved = await moves.visit(tx, action.instance_id, source);
      if (moved === null || !(await repository.removeAction(tx, action.id))) return false;
      moved.note(notes.performed(action.step, action.action, result), 'platform');
      const step = stepOf(definition, action.step);
      if (result === 'done' && step.kind === 'action') {
        await enter(moved, definition, { step: step.to, assigneeId: null });
      } else {
        end(moved, 'refused');
      }
      await moved.leave();
      return true;
    },

    /**
     * Finishes a running instance because of what happened elsewhere: with an outcome, or cancelled where that is
     * null. Answers false and changes nothing when it is finished already.
     */
    async settle(
      tx: ProcessTransaction,
      instanceId: number,
      outcome: string | null,
      source: EventSource,
    ): Promise<boolean> {
      const settled = await moves.visit(tx, instanceId, source);
      if (settled?.instance.status !== 'running') return false;
      const { instance } = settled;
      cancelRest(settled, await repository.unfinishedTasks(tx, instanceId));
      if (outcome === null) {
        instance.status = 'cancelled';
        settled.note(notes.abandoned(instance), 'platform');
      } else {
        end(settled, outcome);
      }
      await settled.leave();
      return true;
    },

    /**
     * Opens what an account has claimed to all who may do it: it cannot go on. Where it only changed its role, the
     * tasks of `keepRole` stay its own. Answers how many tasks were opened.
     */
    async releaseTasksOf(
      tx: ProcessTransaction,
      accountId: number,
      { keepRole }: { keepRole: Role | null },
      source: EventSource,
    ): Promise<number> {
      const found = await repository.releasableTasks(tx, accountId, keepRole);
      let released = 0;
      // In the order of the instances, as everybody who locks several.
      for (const { id, instance_id } of found) {
        const entered = await moves.visit(tx, instance_id, source);
        const task = await repository.task(tx, id);
        if (entered === null || task.status !== 'claimed' || task.assignee_id !== accountId) continue;
        entered.change(task, { status: 'open', assignee_id: null });
        entered.note(notes.released(entered.instance, task), 'platform');
        await entered.leave();
        released += 1;
      }
      return released;
    },

    /** Tells that a task's time has come. */
    async noteTime(
      tx: ProcessTransaction,
      kind: 'due-soon' | 'overdue',
      task: { id: number; step: string; dueAt: Date; instance: { id: number } },
      source: EventSource,
    ): Promise<void> {
      const entered = await moves.visit(tx, task.instance.id, source);
      if (entered === null) return;
      entered.note(notes[kind](entered.instance, task, task.dueAt), 'platform');
      await entered.leave();
    },
  };
  return moves;
}
export type Moves = ReturnType<typeof createMoves>;
