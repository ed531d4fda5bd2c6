import type { CallContext } from '@vestibule/shared/call-context';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { historyPageSize, type processContracts, processPageSize } from '@vestibule/shared/contracts/process';
import type { People } from './people.ts';
import { isAdmin, readerOf } from './permissions.ts';
import type { Presenter } from './presenter.ts';
import { entryView, headView, inboxView, instanceView, newestWithin, peopleOf } from './views.ts';
import type { InstanceRecord, Slice, ViewsRepository } from './views-repository.ts';

type Contracts = typeof processContracts;

/** Tasks that a list shows of each instance. */
const listedTasks = 5;
/** Bytes that the acts on a page of an export may weigh together; a bus message holds a million. */
const actsBytes = 600_000;

const sliceOf = (page: number): Slice => ({ offset: (page - 1) * processPageSize, limit: processPageSize });

/** What there is to see of instances and tasks, and who may see it. */
export function createOverviews({
  repository,
  people,
  presenter,
}: {
  repository: ViewsRepository;
  people: Pick<People, 'names'>;
  presenter: Presenter;
}) {
  /** The instance if the caller may see it. */
  async function visible(id: number, context: CallContext): Promise<InstanceRecord> {
    const caller = readerOf(context);
    const record = await presenter.find(id);
    await presenter.mustSee(id, caller);
    return record;
  }

  return {
    visible,

    async list(
      { processName, status, page }: RequestOf<Contracts['list']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['list']>> {
      const caller = readerOf(context);
      const applicantId = isAdmin(caller) ? undefined : caller.accountId;
      const filter = { applicantId, processName, status };
      const { total, records } = await repository.list(filter, sliceOf(page), listedTasks);
      const names = await people.names(records.flatMap(peopleOf), context);
      const instances = records.map(async (record) =>
        instanceView(record, await presenter.definitionOf(record.instance), names),
      );
      return { total, instances: await Promise.all(instances) };
    },

    async get(
      { id, historyPage }: RequestOf<Contracts['get']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['get']>> {
      const record = await visible(id, context);
      const total = record.instance.history_length;
      const to = total - (historyPage - 1) * historyPageSize;
      const entries = to > 0 ? await repository.history(id, { from: to - historyPageSize + 1, to }) : [];
      const actors = entries.flatMap(({ actor_id }) => actor_id ?? []);
      const names = await people.names([...peopleOf(record), ...actors], context);
      const definition = await presenter.definitionOf(record.instance);
      return {
        instance: instanceView(record, definition, names),
        history: { total, entries: entries.map((entry) => entryView(entry, names)) },
      };
    },

    async inbox(
      { page }: RequestOf<Contracts['inbox']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['inbox']>> {
      const { total, tasks } = await repository.inbox(readerOf(context), sliceOf(page));
      const ids = tasks.flatMap(({ assignee_id, instance }) =>
        [instance.applicant_id, assignee_id ?? []].flat(),
      );
      const names = await people.names(ids, context);
      const views = tasks.map(async (task) =>
        inboxView(task, await presenter.definitionOf(task.instance), names),
      );
      return { total, tasks: await Promise.all(views) };
    },

    /** The form of somebody else's instance is that person's: it is left out. */
    async export(
      { page }: RequestOf<Contracts['export']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['export']>> {
      const { accountId } = readerOf(context);
      const { total, records } = await repository.takenPartIn(accountId, sliceOf(page), historyPageSize);
      const names = await people.names(
        [accountId, ...records.map(({ instance }) => instance.applicant_id)],
        context,
      );
      let left = actsBytes;
      const instances = records.map(({ instance, acts }, index) => {
        // What one does not need is there for the next.
        const share = left / (records.length - index);
        const shown = newestWithin(
          acts.map((act) => entryView(act, names)),
          share,
        );
        left -= Buffer.byteLength(JSON.stringify(shown));
        const form = instance.applicant_id === accountId ? instance.form : {};
        return { instance: headView({ ...instance, form }, names), acts: shown };
      });
      return { total, instances };
    },
  };
}
export type Overviews = ReturnType<typeof createOverviews>;
