import type { HistoryEntry, InboxTask, Instance, Task } from '@vestibule/shared/contracts/process';
import type { Definition } from './definition.ts';
import type { InstanceRow, TaskRow } from './moves-repository.ts';
import { type Names, personOf } from './people.ts';
import { taskStepOf } from './transitions.ts';
import type { EntryRecord, InboxRecord, InstanceRecord } from './views-repository.ts';

/** Tasks that an answer about one instance shows at most. */
export const mostTasks = 50;
/** Bytes that the tasks of an instance may weigh beside a page of its history; a bus message holds a million. */
const tasksBytes = 64 * 1024;

/** The newest of the items, which come oldest first, that weigh no more than `bytes` as JSON together. */
export function newestWithin<T>(items: readonly T[], bytes: number): T[] {
  let left = bytes;
  const first = items.findLastIndex((item) => {
    left -= Buffer.byteLength(JSON.stringify(item));
    return left < 0;
  });
  return items.slice(first + 1);
}

export function taskView(task: TaskRow, definition: Definition, names: Names): Task {
  return {
    id: task.id,
    name: task.step,
    status: task.status,
    candidateRole: task.candidate_role,
    assignee: task.assignee_id === null ? null : personOf(task.assignee_id, names),
    formSchema: taskStepOf(definition, task.step).form,
    dueAt: task.due_at?.toISOString() ?? null,
  };
}

/** An instance without its tasks. */
export function headView(instance: InstanceRow, names: Names): Omit<Instance, 'tasks'> {
  return {
    id: instance.id,
    processName: instance.process_name,
    version: instance.version,
    status: instance.status,
    form: instance.form,
    applicant: personOf(instance.applicant_id, names),
    createdAt: instance.created_at.toISOString(),
    modifiedAt: instance.modified_at.toISOString(),
  };
}

export function instanceView(
  { instance, tasks }: InstanceRecord,
  definition: Definition,
  names: Names,
): Instance {
  const views = tasks.slice(-mostTasks).map((task) => taskView(task, definition, names));
  return { ...headView(instance, names), tasks: newestWithin(views, tasksBytes) };
}

export function inboxView(
  { instance, ...task }: InboxRecord,
  definition: Definition,
  names: Names,
): InboxTask {
  return {
    ...taskView(task, definition, names),
    instance: {
      id: task.instance_id,
      processName: instance.process_name,
      version: instance.version,
      form: instance.form,
      applicant: personOf(instance.applicant_id, names),
      createdAt: instance.created_at.toISOString(),
    },
  };
}

export function entryView(entry: EntryRecord, names: Names): HistoryEntry {
  const { task_id, step } = entry;
  return {
    number: entry.number,
    at: entry.at.toISOString(),
    action: entry.action,
    actor: entry.actor_id === null ? null : personOf(entry.actor_id, names),
    task: task_id === null || step === null ? null : { id: task_id, name: step },
    details: entry.details,
  };
}

/** Everybody whose name an answer shows. */
export const peopleOf = ({ instance, tasks }: InstanceRecord): number[] => [
  instance.applicant_id,
  ...tasks.flatMap(({ assignee_id }) => assignee_id ?? []),
];
