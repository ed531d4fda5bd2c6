import type { CallContext, Caller } from '@vestibule/shared/call-context';
import type { Account } from '@vestibule/shared/contracts/account';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { processContracts, Task } from '@vestibule/shared/contracts/process';
import { AppError } from '@vestibule/shared/errors';
import type { AttemptActions, Changes } from './changes.ts';
import type { Branch } from './definition.ts';
import type { Moves } from './moves.ts';
import type { LocatedTask, MovesRepository, TaskRow } from './moves-repository.ts';
import type { People } from './people.ts';
import { isAdmin, mayClaim, mustBeUnfinished, mustHave, mustRelease, workerOf } from './permissions.ts';
import type { Presenter } from './presenter.ts';
import { readForm } from './stored-form.ts';
import { branchOf, taskStepOf } from './transitions.ts';
import type { Visit } from './visit.ts';

type Contracts = typeof processContracts;

/** Whether an account may be given a task that somebody else chooses it for. */
const mayDo = (
  { id, role, status }: Account,
  task: Pick<LocatedTask, 'candidate_role' | 'applicant_id'>,
): boolean =>
  status === 'active' &&
  (task.candidate_role === null ? id === task.applicant_id : role === task.candidate_role);

/**
 * Tasks as their people take, do and give them. What is read without the lock is looked at first, so that who comes
 * too late waits for nobody; what is decided is decided again with the instance locked.
 */
export function createTasks({
  repository,
  moves,
  changes,
  people,
  presenter,
  attemptActions,
}: {
  repository: Pick<MovesRepository, 'findTask' | 'task' | 'lastWorker'>;
  moves: Pick<Moves, 'claim' | 'release' | 'complete' | 'assign' | 'comment'>;
  changes: Changes;
  people: People;
  presenter: Presenter;
  attemptActions: AttemptActions;
}) {
  /** Fails with `task-unknown`. */
  async function find(id: number): Promise<LocatedTask> {
    const task = await repository.findTask(id);
    if (task === null) throw new AppError('task-unknown');
    return task;
  }

  /** Who gets a task by `assign` of a branch: null where that account may not do it any more. */
  async function lastWorkerOf(
    task: LocatedTask,
    branch: Branch,
    context: CallContext,
  ): Promise<number | null> {
    if (branch.assign === undefined) return null;
    const id = await repository.lastWorker(task.instance_id, branch.to);
    if (id === null) return null;
    const definition = await presenter.definitionOf(task);
    const { candidateRole = null } = taskStepOf(definition, branch.to);
    const account = await people.account(id, context);
    return mayDo(account, { candidate_role: candidateRole, applicant_id: task.applicant_id }) ? id : null;
  }

  /** Does something to a task with its instance locked, and answers the task. */
  async function change(
    located: LocatedTask,
    context: CallContext,
    shown: readonly number[],
    work: (visit: Visit, task: TaskRow) => Promise<TaskRow>,
  ): Promise<Task> {
    const names = await people.names(shown, context);
    const task = await changes.change(located.instance_id, context, async (visit) =>
      work(visit, await repository.task(visit.tx, located.id)),
    );
    return presenter.task(task, located, names, context);
  }

  /** The claim of each task that is under way here: others look again after it, without a connection of their own. */
  const claims = new Map<number, Promise<unknown>>();

  function claimFirst(located: LocatedTask, caller: Caller, context: CallContext): Promise<Task> {
    const { accountId } = caller;
    const claiming = change(located, context, [accountId], async (visit, task) =>
      mayClaim(task, caller) ? moves.claim(visit, task, accountId) : task,
    );
    const settled = claiming.then(
      () => claims.delete(located.id),
      () => claims.delete(located.id),
    );
    claims.set(located.id, settled);
    return claiming;
  }

  return {
    async claim({ id }: RequestOf<Contracts['claim']>, context: CallContext): Promise<Task> {
      const caller = workerOf(context);
      for (;;) {
        const located = await find(id);
        mayClaim(located, caller);
        const underWay = claims.get(id);
        if (underWay === undefined) return claimFirst(located, caller, context);
        await underWay;
      }
    },

    async release({ id }: RequestOf<Contracts['release']>, context: CallContext): Promise<Task> {
      const caller = workerOf(context);
      const located = await find(id);
      mustRelease(located, caller);
      return change(located, context, [], async (visit, task) => {
        mustRelease(task, caller);
        return moves.release(visit, task);
      });
    },

    async complete(
      { id, form: given }: RequestOf<Contracts['complete']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['complete']>> {
      const caller = workerOf(context);
      const located = await find(id);
      mustHave(located, caller);
      const { instance_id } = located;
      const definition = await presenter.definitionOf(located);
      const step = taskStepOf(definition, located.step);
      const form = readForm(step.form, given);
      const branch = branchOf(step, form);
      const lastWorkerId = await lastWorkerOf(located, branch, context);
      const names = await presenter.namesAround(instance_id, [], context);
      await changes.change(instance_id, context, async (visit) => {
        const task = await repository.task(visit.tx, id);
        mustHave(task, caller);
        await moves.complete(visit, task, { definition, form, branch, lastWorkerId });
      });
      if (definition.steps[branch.to]?.kind === 'action') await attemptActions(instance_id, context);
      return presenter.instance(instance_id, names, context);
    },

    async assign({ id, assignee }: RequestOf<Contracts['assign']>, context: CallContext): Promise<Task> {
      if (!isAdmin(workerOf(context))) throw new AppError('not-allowed');
      const located = await find(id);
      mustBeUnfinished(located);
      const account = await people.account(assignee, context);
      if (!mayDo(account, located)) throw new AppError('input-invalid', { field: 'assignee' });
      return change(located, context, [assignee], async (visit, task) => {
        mustBeUnfinished(task);
        return task.assignee_id === assignee ? task : moves.assign(visit, task, assignee);
      });
    },

    async comment({ id, text }: RequestOf<Contracts['comment']>, context: CallContext): Promise<Task> {
      const caller = workerOf(context);
      const located = await find(id);
      await presenter.mustSee(located.instance_id, caller);
      return change(located, context, [located.assignee_id ?? []].flat(), async (visit, task) => {
        moves.comment(visit, task, text);
        return task;
      });
    },
  };
}
export type Tasks = ReturnType<typeof createTasks>;
