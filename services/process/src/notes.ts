import type { JsonObject } from '@vestibule/shared/contracts/json';
import type { NewEvent } from '@vestibule/shared/outbox/outbox';
import type { AccountAction } from './definition.ts';
import type { InstanceRow, TaskRow } from './moves-repository.ts';

/** One thing that happens to an instance: its history entry, and the event that tells others of it. */
export type Note = { action: string; taskId: number | null; details: JsonObject; event: NewEvent | null };

/** What of a row a note needs. */
type OfInstance = Pick<InstanceRow, 'id' | 'process_name' | 'applicant_id' | 'version'>;
type OfTask = Pick<TaskRow, 'id' | 'step'>;

const keyOf = ({ id }: OfInstance) => `instance:${id}`;
const dataOf = ({ id, process_name, applicant_id }: OfInstance) => ({
  instanceId: id,
  processName: process_name,
  applicantId: applicant_id,
});
const taskDataOf = (instance: OfInstance, task: OfTask) => ({
  ...dataOf(instance),
  taskId: task.id,
  step: task.step,
});

/** What happens to a task and is told with no more than which one it is. */
const plain =
  (kind: 'task.claimed' | 'task.released' | 'task.completed' | 'task.cancelled' | 'task.commented') =>
  (instance: OfInstance, task: OfTask, details: JsonObject = {}): Note => ({
    action: kind.slice('task.'.length),
    taskId: task.id,
    details,
    event: { kind, key: keyOf(instance), data: taskDataOf(instance, task) },
  });

const timed =
  (kind: 'task.due-soon' | 'task.overdue') =>
  (instance: OfInstance, task: OfTask, dueAt: Date): Note => ({
    action: kind.slice('task.'.length),
    taskId: task.id,
    details: { dueAt: dueAt.toISOString() },
    event: {
      kind,
      key: keyOf(instance),
      data: { ...taskDataOf(instance, task), dueAt: dueAt.toISOString() },
    },
  });

/** All that can happen to an instance and its tasks. */
export const notes = {
  started: (instance: OfInstance): Note => ({
    action: 'started',
    taskId: null,
    details: {},
    event: {
      kind: 'process.started',
      key: keyOf(instance),
      data: { ...dataOf(instance), version: instance.version },
    },
  }),
  ended: (instance: OfInstance, outcome: string): Note => ({
    action: 'completed',
    taskId: null,
    details: { outcome },
    event: { kind: 'process.completed', key: keyOf(instance), data: { ...dataOf(instance), outcome } },
  }),
  abandoned: (instance: OfInstance): Note => ({
    action: 'cancelled',
    taskId: null,
    details: {},
    event: { kind: 'process.cancelled', key: keyOf(instance), data: dataOf(instance) },
  }),
  opened: (instance: OfInstance, task: TaskRow): Note => ({
    action: 'opened',
    taskId: task.id,
    details: {},
    event: {
      kind: 'task.opened',
      key: keyOf(instance),
      data: { ...taskDataOf(instance, task), candidateRole: task.candidate_role },
    },
  }),
  assigned: (instance: OfInstance, task: OfTask, assigneeId: number): Note => ({
    action: 'assigned',
    taskId: task.id,
    details: { assigneeId },
    event: {
      kind: 'task.assigned',
      key: keyOf(instance),
      data: { ...taskDataOf(instance, task), assigneeId },
    },
  }),
  claimed: plain('task.claimed'),
  released: plain('task.released'),
  completed: plain('task.completed'),
  cancelled: plain('task.cancelled'),
  commented: plain('task.commented'),
  'due-soon': timed('task.due-soon'),
  overdue: timed('task.overdue'),
  /** What it did to the account, that account's service tells. */
  performed: (step: string, action: AccountAction, result: 'done' | 'refused'): Note => ({
    action: result,
    taskId: null,
    details: { step, action },
    event: null,
  }),
};
