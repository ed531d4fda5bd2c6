import type { CallContext } from '@vestibule/shared/call-context';
import type { Account, Role } from '@vestibule/shared/contracts/account';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { processContracts, Task } from '@vestibule/shared/contracts/process';
import { AppError } from '@vestibule/shared/errors';
import type { AttemptActions, Changes } from './changes.ts';
import type { Branch } from './definition.ts';
import type { Moves } from './moves.ts';
import type { MovesRepository, TaskRow } from './moves-repository.ts';
import type { Names, People } from './people.ts';
import { isAdmin, mayClaim, mustBeUnfinished, mustHave, mustRelease, workerOf } from './permissions.ts';
import type { Presenter } from './presenter.ts';
import { readForm } from './stored-form.ts';
import { branchOf, taskStepOf } from './transitions.ts';
import { mostTasks, peopleOf } from './views.ts';
import type { LocatedTask, ViewsRepository } from './views-repository.ts';
import type { Visit } from './visit.ts';

type Contracts = typeof processContracts;

/** Whether an account may be given a task that somebody else chooses it for. */
const mayDo = (
  { id, role, status }: Account,
  { candidateRole, applicantId }: { candidateRole: Role | null; applicantId: number },
): boolean => status === 'active' && (candidateRole === null ? id === applicantId : role === candidateRole);

/** What a client wants to do to a task. */
type Act = {
  /** Fails where the caller may not. */
  may: (located: LocatedTask) => Promise<void> | void;
  /** Whose names the answer shows. */
  people: (located: LocatedTask) => readonly (number | null)[];
  work: (visit: Visit, task: TaskRow) => TaskRow;
};

/**
 * Tasks as their people take, do and give them. All is decided by a look without a lock, so that who comes too late
 * waits for nobody; it is written if nothing has happened to the instance since, else it is looked at again.
 */
export function createTasks({
  repository,
  views,
  moves,
  changes,
  people,
  presenter,
  attemptActions,
}: {
  repository: Pick<MovesRepository, 'lastWorker'>;
  views: Pick<ViewsRepository, 'byTask'>;
  moves: Pick<Moves, 'claim' | 'release' | 'complete' | 'assign' | 'comment'>;
  changes: Changes;
  people: People;
  presenter: Presenter;
  attemptActions: AttemptActions;
}) {
  /** With the newest `each` tasks of its instance. Fails with `task-unknown`. */
  async function find(id: number, each: number): Promise<LocatedTask> {
    const located = await views.byTask(id, each);
    if (located === null) throw new AppError('task-unknown');
    return located;
  }

  /** Who gets a task by `assign` of a branch: null where that account may not do it any more. */
  async function lastWorkerOf(
    { instance }: LocatedTask,
    branch: Branch,
    context: CallContext,
  ): Promise<number | null> {
    if (branch.assign === undefined) return null;
    const id = await repository.lastWorker(instance.id, branch.to);
    if (id === null) return null;
    const definition = await presenter.definitionOf(instance);
    const { candidateRole = null } = taskStepOf(definition, branch.to);
    const account = await people.account(id, context);
    return mayDo(account, { candidateRole, applicantId: instance.applicant_id }) ? id : null;
  }

  /** Does something to a task, and answers the task. */
  async function act(id: number, context: CallContext, { may, people: shown, work }: Act): Promise<Task> {
    let names: Names = new Map();
    const { task, instance } = await changes.change(context, async () => {
      const located = await find(id, 0);
      await may(located);
      names = await people.names(
        shown(located).flatMap((one) => one ?? []),
        context,
        names,
      );
      return {
        instance: located.instance,
        work: (visit) => ({ instance: located.instance, task: work(visit, located.task) }),
      };
    });
    return presenter.task(task, instance, names, context);
  }

  return {
    async claim({ id }: RequestOf<Contracts['claim']>, context: CallContext): Promise<Task> {
      const caller = workerOf(context);
      const { accountId } = caller;
      return act(id, context, {
        may: ({ task }) => void mayClaim(task, caller),
        people: () => [accountId],
        work: (visit, task) => (mayClaim(task, caller) ? moves.claim(visit, task, accountId) : task),
      });
    },

    async release({ id }: RequestOf<Contracts['release']>, context: CallContext): Promise<Task> {
      const caller = workerOf(context);
      return act(id, context, {
        may: ({ task }) => mustRelease(task, caller),
        people: () => [],
        work: moves.release,
      });
    },

    async complete(
      { id, form: given }: RequestOf<Contracts['complete']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['complete']>> {
      const caller = workerOf(context);
      let names: Names = new Map();
      const { record, orders } = await changes.change(context, async () => {
        const located = await find(id, mostTasks);
        const { instance, task, tasks } = located;
        mustHave(task, caller);
        const definition = await presenter.definitionOf(instance);
        const step = taskStepOf(definition, task.step);
        const form = readForm(step.form, given);
        const branch = branchOf(step, form);
        const lastWorkerId = await lastWorkerOf(located, branch, context);
        names = await people.names([...peopleOf(located), lastWorkerId ?? []].flat(), context, names);
        return {
          instance,
          async work(visit) {
            await moves.complete(visit, task, { definition, form, branch, lastWorkerId });
            return { record: visit.record(tasks), orders: definition.steps[branch.to]?.kind === 'action' };
          },
        };
      });
      if (!orders) return presenter.shown(record, names, context);
      const instanceId = record.instance.id;
      await attemptActions(instanceId, context);
      return presenter.instance(instanceId, names, context);
    },

    async assign({ id, assignee }: RequestOf<Contracts['assign']>, context: CallContext): Promise<Task> {
      if (!isAdmin(workerOf(context))) throw new AppError('not-allowed');
      return act(id, context, {
        async may({ task, instance }) {
          mustBeUnfinished(task);
          const account = await people.account(assignee, context);
          const { candidate_role: candidateRole } = task;
          if (mayDo(account, { candidateRole, applicantId: instance.applicant_id })) return;
          throw new AppError('input-invalid', { field: 'assignee' });
        },
        people: () => [assignee],
        work: (visit, task) => (task.assignee_id === assignee ? task : moves.assign(visit, task, assignee)),
      });
    },

    async comment({ id, text }: RequestOf<Contracts['comment']>, context: CallContext): Promise<Task> {
      const caller = workerOf(context);
      return act(id, context, {
        may: ({ instance }) => presenter.mustSee(instance.id, caller),
        people: ({ task }) => [task.assignee_id],
        work(visit, task) {
          moves.comment(visit, task, text);
          return task;
        },
      });
    },
  };
}
export type Tasks = ReturnType<typeof createTasks>;
