import type { CallContext, Caller } from '@vestibule/shared/call-context';
import { AppError } from '@vestibule/shared/errors';
import type { InstanceRow, TaskRow } from './moves-repository.ts';

/** Who reads; fails with `not-allowed` where nobody is signed in. */
export function readerOf({ caller }: Pick<CallContext, 'caller'>): Caller {
  if (caller === undefined) throw new AppError('not-allowed');
  return caller;
}

/** Who changes something: an account that waits for its audit may not. */
export function workerOf(context: Pick<CallContext, 'caller'>): Caller {
  const caller = readerOf(context);
  if (caller.status !== 'active') throw new AppError('not-allowed');
  return caller;
}

export const isAdmin = ({ role, status }: Caller): boolean => role === 'admin' && status === 'active';

export const isFinished = ({ status }: Pick<TaskRow, 'status'>): boolean =>
  status === 'completed' || status === 'cancelled';

/**
 * Whether the task is still to be given to who claims it: false when it is the caller's already. Fails with
 * `not-allowed`, `task-taken` and `task-finished`; somebody who may not have it learns nothing of its state.
 */
export function mayClaim(task: TaskRow, { accountId, role }: Caller): boolean {
  const own = task.assignee_id === accountId;
  if (!own && task.candidate_role !== role) throw new AppError('not-allowed');
  if (isFinished(task)) throw new AppError('task-finished');
  if (task.status === 'claimed' && !own) throw new AppError('task-taken');
  return !own;
}

/** Fails unless the task is the caller's and not finished. */
export function mustHave(task: TaskRow, { accountId }: Caller): void {
  if (task.assignee_id !== accountId) throw new AppError('not-allowed');
  if (isFinished(task)) throw new AppError('task-finished');
}

/** Fails unless the task is the caller's, not finished, and others may do it. */
export function mustRelease(task: TaskRow, caller: Caller): void {
  mustHave(task, caller);
  if (task.candidate_role === null) throw new AppError('not-allowed');
}

/** Fails with `task-finished`. */
export function mustBeUnfinished(task: TaskRow): void {
  if (isFinished(task)) throw new AppError('task-finished');
}

/** Fails unless the caller may cancel the instance now. */
export function mustCancel(instance: InstanceRow, caller: Caller): void {
  if (!isAdmin(caller) && instance.applicant_id !== caller.accountId) throw new AppError('not-allowed');
  if (instance.status !== 'running') throw new AppError('instance-finished');
  if (!isAdmin(caller) && instance.taken_up) throw new AppError('instance-claimed');
}
