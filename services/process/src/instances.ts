import type { CallContext } from '@vestibule/shared/call-context';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import type { Instance, processContracts } from '@vestibule/shared/contracts/process';
import { AppError } from '@vestibule/shared/errors';
import type { Changes } from './changes.ts';
import type { Definition } from './definition.ts';
import type { Definitions } from './definitions.ts';
import type { Moves } from './moves.ts';
import type { ProcessTransaction } from './moves-repository.ts';
import type { People } from './people.ts';
import { mustCancel, workerOf } from './permissions.ts';
import type { Presenter } from './presenter.ts';
import { digestOf, type Repeats } from './repeats.ts';
import { readForm } from './stored-form.ts';

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
  moves: Pick<Moves, 'startFor' | 'cancel'>;
  changes: Changes;
  repeats: Pick<Repeats, 'once'>;
  definitions: Pick<Definitions, 'newest'>;
  people: Pick<People, 'names'>;
  presenter: Presenter;
}) {
  /** Starts the newest version in one transaction with what `note` writes. */
  async function begin(
    name: string,
    by: Definition['start']['by'],
    form: JsonObject,
    context: CallContext,
    note: (tx: ProcessTransaction, instanceId: number) => Promise<void> = async () => {},
  ): Promise<number> {
    const applicantId = workerOf(context).accountId;
    const newest = await definitions.newest(name);
    if (newest?.definition.start.by !== by) throw new AppError('process-unknown');
    const start = { ...newest, applicantId, form: readForm(newest.definition.form, form) };
    return changes.commit(async (tx) => {
      const id = await moves.startFor(tx, start, context);
      if (id === null) throw new AppError('process-running');
      await note(tx, id);
      return id;
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
        begin: (note) => begin(processName, 'client', form, context, note),
        answer: (id) => presenter.instance(id, names, context),
      });
    },

    async requestClosing(
      form: RequestOf<Contracts['requestClosing']>,
      context: CallContext,
    ): Promise<Instance> {
      const names = await people.names([workerOf(context).accountId], context);
      return presenter.instance(await begin(closing, 'platform', form, context), names, context);
    },

    async cancel(
      { id }: RequestOf<Contracts['cancel']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['cancel']>> {
      const caller = workerOf(context);
      mustCancel((await presenter.find(id)).instance, caller);
      const names = await presenter.namesAround(id, [], context);
      await changes.change(id, context, async (visit) => {
        mustCancel(visit.instance, caller);
        await moves.cancel(visit);
      });
      return presenter.instance(id, names, context);
    },
  };
}
export type Instances = ReturnType<typeof createInstances>;
