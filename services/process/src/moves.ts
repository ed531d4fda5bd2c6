import type { Clock } from '@vestibule/shared/call-context';
import type { Role } from '@vestibule/shared/contracts/account';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import type { EventSource, Outbox } from '@vestibule/shared/outbox/outbox';
import type { AccountAction, Branch, Definition } from './definition.ts';
import type { MovesRepository, ProcessTransaction, TaskRow } from './moves-repository.ts';
import { notes } from './notes.ts';
import type { ProcessTables } from './tables.ts';
import { stepOf, timesOf } from './transitions.ts';
import { createVisits, type Visit } from './visit.ts';

/** A definition with its version. */
export type VersionedDefinition = { version: number; definition: Definition };

/** A definition's `assign`, with who that is and may still do it; null: nobody, so it is opened for its role. */
export type LastWorker = { lastWorkerId: number | null };

/**
 * All that can happen to instances and tasks, inside the caller's transaction: with the instance locked, its history
 * and its events written. Whoever commits wakes the outbox. Definitions are handed in: to load one needs a connection
 * of its own, which a transaction must not wait for.
 */
export function createMoves({
  repository,
  outbox,
  clock,
}: {
  repository: MovesRepository;
  outbox: Pick<Outbox<ProcessTables>, 'add'>;
  clock: Clock;
}) {
  const visit = createVisits({ repository, outbox, clock });

  async function giveTo(visit: Visit, task: TaskRow, accountId: number): Promise<TaskRow> {
    const { tx, instance } = visit;
    const given = await repository.updateTask(tx, task.id, { status: 'claimed', assignee_id: accountId });
    if (accountId !== instance.applicant_id) instance.taken_up = true;
    await repository.addParticipant(tx, instance.id, accountId);
    return given;
  }

  /** Brings the instance to a step: opens its task, orders its action, or ends it. */
  async function enter(
    visit: Visit,
    definition: Definition,
    to: { step: string; assigneeId: number | null },
  ): Promise<void> {
    const { tx, instance, at, source } = visit;
    const step = stepOf(definition, to.step);
    if (step.kind === 'end') {
      instance.status = 'completed';
      instance.outcome = step.outcome;
      visit.note(notes.ended(instance, step.outcome), 'platform');
      return;
    }
    if (step.kind === 'action') {
      await repository.insertAction(tx, {
        instance_id: instance.id,
        step: to.step,
        action: step.action,
        account_id: instance.applicant_id,
        actor_id: source.caller?.accountId ?? null,
        next_attempt_at: at,
      });
      return;
    }
    const { dueAt, remindAt } = timesOf(step, instance.form, at);
    // Whoever is given it from the start takes part already: the applicant, or who did that step before.
    const assigneeId = step.assignee === 'applicant' ? instance.applicant_id : to.assigneeId;
    const task = await repository.insertTask(tx, {
      instance_id: instance.id,
      step: to.step,
      status: assigneeId === null ? 'open' : 'claimed',
      candidate_role: step.candidateRole ?? null,
      assignee_id: assigneeId,
      due_at: dueAt,
      remind_at: remindAt,
      opened_at: at,
    });
    visit.note(notes.opened(instance, task), 'platform');
    if (assigneeId !== null) visit.note(notes.assigned(instance, task, assigneeId), 'platform');
  }

  async function cancelRest({ tx, instance, at, note }: Visit): Promise<void> {
    const cancelled = await repository.cancelTasks(tx, instance.id, at);
    for (const task of cancelled) note(notes.cancelled(instance, task), 'platform');
    await repository.removeActions(tx, instance.id);
  }

  const moves = {
    /** Locks the instance; null when there is none. */
    async visit(tx: ProcessTransaction, instanceId: number, source: EventSource): Promise<Visit | null> {
      const instance = await repository.lock(tx, instanceId);
      return instance && visit(tx, instance, source);
    },

    /**
     * Starts a process and answers the id of its instance; null when it is one of which an applicant has one at
     * most, and has it. The form was checked.
     */
    async startFor(
      tx: ProcessTransaction,
      start: VersionedDefinition & { applicantId: number; form: JsonObject },
      source: EventSource,
    ): Promise<number | null> {
      const { version, definition, applicantId, form } = start;
      const { name, first } = definition;
      if (definition.start.once && (await repository.hasRunning(tx, name, applicantId))) return null;
      const instance = await repository.insertInstance(tx, {
        process_name: name,
        version,
        form,
        applicant_id: applicantId,
        created_at: new Date(clock()),
      });
      await repository.addParticipant(tx, instance.id, applicantId);
      const begun = visit(tx, instance, source);
      begun.note(notes.started(instance));
      await enter(begun, definition, { step: first, assigneeId: null });
      await begun.leave();
      return instance.id;
    },

    /** Gives an open task to who claims it. */
    async claim(visit: Visit, task: TaskRow, accountId: number): Promise<TaskRow> {
      visit.note(notes.claimed(visit.instance, task));
      return giveTo(visit, task, accountId);
    },

    /** Gives an unfinished task to somebody, whoever has it. */
    async assign(visit: Visit, task: TaskRow, assigneeId: number): Promise<TaskRow> {
      visit.note(notes.assigned(visit.instance, task, assigneeId));
      return giveTo(visit, task, assigneeId);
    },

    async release(visit: Visit, task: TaskRow): Promise<TaskRow> {
      visit.note(notes.released(visit.instance, task));
      return repository.updateTask(visit.tx, task.id, { status: 'open', assignee_id: null });
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
      const { tx, instance, at } = visit;
      await repository.updateTask(tx, task.id, { status: 'completed', closed_at: at });
      visit.note(notes.completed(instance, task, { form: on.form }));
      await enter(visit, on.definition, { step: on.branch.to, assigneeId: on.lastWorkerId });
    },

    /** Ends a running instance before its end, in the name of who asks. */
    async cancel(visit: Visit): Promise<void> {
      visit.instance.status = 'cancelled';
      visit.note(notes.abandoned(visit.instance));
      await cancelRest(visit);
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
        moved.instance.status = 'completed';
        moved.instance.outcome = 'refused';
        moved.note(notes.ended(moved.instance, 'refused'), 'platform');
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
      await cancelRest(settled);
      instance.status = outcome === null ? 'cancelled' : 'completed';
      instance.outcome = outcome;
      settled.note(outcome === null ? notes.abandoned(instance) : notes.ended(instance, outcome), 'platform');
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
        await repository.updateTask(tx, id, { status: 'open', assignee_id: null });
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
