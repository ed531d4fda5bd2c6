import type { CallContext, Caller } from '@vestibule/shared/call-context';
import type { Instance, Task } from '@vestibule/shared/contracts/process';
import { AppError } from '@vestibule/shared/errors';
import type { Definitions } from './definitions.ts';
import type { LocatedTask, TaskRow } from './moves-repository.ts';
import type { Names, People } from './people.ts';
import { isAdmin } from './permissions.ts';
import { instanceView, peopleOf, taskView } from './views.ts';
import type { InstanceRecord, ViewsRepository } from './views-repository.ts';

/** Tasks that an answer about one instance shows at most. */
export const mostTasks = 50;

/** Answers as who asked sees them: with the names of people, and with what the definitions say. */
export function createPresenter({
  repository,
  definitions,
  people,
}: {
  repository: Pick<ViewsRepository, 'instance' | 'participants' | 'isParticipant'>;
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

  return {
    find,
    definitionOf,

    /** Fails unless the caller may see the instance: who has or had a task of it, its applicant, admins. */
    async mustSee(instanceId: number, caller: Caller): Promise<void> {
      if (isAdmin(caller) || (await repository.isParticipant(instanceId, caller.accountId))) return;
      throw new AppError('not-allowed');
    },

    /**
     * The names of all who take part in an instance, and of others. Asked for before something changes: with the
     * user service away, nothing has happened when that is said.
     */
    async namesAround(instanceId: number, others: readonly number[], context: CallContext): Promise<Names> {
      const participants = await repository.participants(instanceId);
      return people.names([...participants, ...others], context);
    },

    /** The instance as it is now. */
    async instance(id: number, names: Names, context: CallContext): Promise<Instance> {
      const record = await find(id);
      const definition = await definitionOf(record.instance);
      return instanceView(record, definition, await people.names(peopleOf(record), context, names));
    },

    async task(task: TaskRow, located: LocatedTask, names: Names, context: CallContext): Promise<Task> {
      const assignee = task.assignee_id === null ? [] : [task.assignee_id];
      const definition = await definitionOf(located);
      return taskView(task, definition, await people.names(assignee, context, names));
    },
  };
}
export type Presenter = ReturnType<typeof createPresenter>;
