import type { CallContext, Caller } from '@vestibule/shared/call-context';
import type { Instance, Task } from '@vestibule/shared/contracts/process';
import { AppError } from '@vestibule/shared/errors';
import type { Definitions } from './definitions.ts';
import type { InstanceRow, TaskRow } from './moves-repository.ts';
import type { Names, People } from './people.ts';
import { isAdmin } from './permissions.ts';
import { instanceView, mostTasks, peopleOf, taskView } from './views.ts';
import type { InstanceRecord, ViewsRepository } from './views-repository.ts';

/** Answers as who asked sees them: with the names of people, and with what the definitions say. */
export function createPresenter({
  repository,
  definitions,
  people,
}: {
  repository: Pick<ViewsRepository, 'instance' | 'isParticipant'>;
  definitions: Pick<Definitions, 'version'>;
  people: Pick<People, 'names'>;
}) {
  const definitionOf = ({ process_name, version }: { process_name: string; version: number }) =>
    definitions.version(process_name, version);

  /** Fails with `instance-unknown`. */
  async function find(id: number): Promise<InstanceRecord> {
    const record = await repository.instance(id, mostTasks);
    if (record === null) throw new AppError('instance-unknown');
    return record;
  }

  /** The names that are not known yet are asked for. */
  async function shown(record: InstanceRecord, names: Names, context: CallContext): Promise<Instance> {
    const definition = await definitionOf(record.instance);
    return instanceView(record, definition, await people.names(peopleOf(record), context, names));
  }

  return {
    find,
    definitionOf,

    /** Fails unless the caller may see the instance: who has or had a task of it, its applicant, admins. */
    async mustSee(instanceId: number, caller: Caller): Promise<void> {
      if (isAdmin(caller) || (await repository.isParticipant(instanceId, caller.accountId))) return;
      throw new AppError('not-allowed');
    },

    shown,

    /** The instance as it is now. */
    instance: async (id: number, names: Names, context: CallContext): Promise<Instance> =>
      shown(await find(id), names, context),

    async task(
      task: TaskRow,
      instance: Pick<InstanceRow, 'process_name' | 'version'>,
      names: Names,
      context: CallContext,
    ): Promise<Task> {
      const assignee = task.assignee_id === null ? [] : [task.assignee_id];
      const definition = await definitionOf(instance);
      return taskView(task, definition, await people.names(assignee, context, names));
    },
  };
}
export type Presenter = ReturnType<typeof createPresenter>;
