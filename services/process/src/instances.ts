import type { CallContext } from '@vestibule/shared/call-context';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import type { Instance, processContracts } from '@vestibule/shared/contracts/process';
import { AppError } from '@vestibule/shared/errors';
import type { Changes } from './changes.ts';
import type { TakenKey } from './changes-repository.ts';
import type { Definition } from './definition.ts';
import type { Definitions } from './definitions.ts';
import type { Moves } from './moves.ts';
import type { Names, People } from './people.ts';
import { isFinished, mustCancel, workerOf } from './permissions.ts';
import type { Presenter } from './presenter.ts';
import { digestOf, type Repeats } from './repeats.ts';
import { readForm } from './stored-form.ts';
import { instanceView, peopleOf } from './views.ts';

type Contracts = typeof processContracts;

/** The process by which an account asks to be deleted. */
const closing = 'account_closure';

/** Instances as those who apply for something begin and end them. */
export function createInstances({
  moves,
  changes,
  repeats,
  definitions,
  people,
  presenter,
}: {
  moves: Pick<Moves, 'begin' | 'cancel'>;
  changes: Changes;
  repeats: Pick<Repeats, 'once'>;
  definitions: Pick<Definitions, 'newest'>;
  people: Pick<People, 'names'>;
  presenter: Presenter;
}) {
  /** Starts the newest version, and takes the key with it. Fails with `idempotency-conflict` where that is in use. */
  async function begin(
    { name, by, form }: { name: string; by: Definition['start']['by']; form: JsonObject },
    names: Names,
    context: CallContext,
    key: Omit<TakenKey, 'answer'> | null = null,
  ): Promise<Instance> {
    const applicantId = workerOf(context).accountId;
    const newest = await definitions.newest(name);
    if (newest?.definition.start.by !== by) throw new AppError('process-unknown');
    const { definition } = newest;
    const start = { ...newest, applicantId, form: readForm(definition.form, form) };
    return changes.start(definition.start.once ? 'several' : 'one', async (db) => {
      const begun = await moves.begin(db, start, context);
      if (begun === null) throw new AppError('process-running');
      const answer = instanceView(begun.record([]), definition, names);
      if (!(await begun.leave(key === null ? undefined : { ...key, answer }))) {
        throw new AppError('idempotency-conflict');
      }
      return answer;
    });
  }

  return {
    async start(
      { processName, form, idempotencyKey: key }: RequestOf<Contracts['start']>,
      context: CallContext,
    ): Promise<Instance> {
      const { accountId } = workerOf(context);
      const names = await people.names([accountId], context);
      const repeatable =
        key === undefined ? null : { account_id: accountId, key, digest: digestOf(processName, form) };
      return repeats.once(repeatable, {
        begin: (taken) => begin({ name: processName, by: 'client', form }, names, context, taken),
        answer: (id) => presenter.instance(id, names, context),
      });
    },

    async requestClosing(
      form: RequestOf<Contracts['requestClosing']>,
      context: CallContext,
    ): Promise<Instance> {
      const names = await people.names([workerOf(context).accountId], context);
      return begin({ name: closing, by: 'platform', form }, names, context);
    },

    async cancel(
      { id }: RequestOf<Contracts['cancel']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['cancel']>> {
      const caller = workerOf(context);
      let names: Names = new Map();
      const cancelled = await changes.change(context, async () => {
        const { instance, tasks } = await presenter.find(id);
        mustCancel(instance, caller);
        names = await people.names(peopleOf({ instance, tasks }), context, names);
        return {
          instance,
          work(visit) {
            // There is one at most, and it is the newest.
            moves.cancel(
              visit,
              tasks.filter((task) => !isFinished(task)),
            );
            return visit.record(tasks);
          },
        };
      });
      return presenter.shown(cancelled, names, context);
    },
  };
}
export type Instances = ReturnType<typeof createInstances>;
