import type { Clock } from '@vestibule/shared/call-context';
import type { EventSource, Outbox } from '@vestibule/shared/outbox/outbox';
import type { HistoryRow, InstanceRow, MovesRepository, ProcessTransaction } from './moves-repository.ts';
import type { Note } from './notes.ts';
import type { ProcessTables } from './tables.ts';

/** Who does what is noted: who asked for it, or the platform as a consequence of that. */
type Doer = 'source' | 'platform';

/**
 * What is done to one locked instance in one transaction. What is noted is numbered at once and written by
 * `leave`, in few statements however much it is; without `leave` nothing is written.
 */
export type Visit = {
  readonly tx: ProcessTransaction;
  /** As it will be: changed here, written by `leave`. */
  readonly instance: InstanceRow;
  readonly source: EventSource;
  /** When all of it happens. */
  readonly at: Date;
  note(note: Note, doer?: Doer): void;
  leave(): Promise<void>;
};

/** Makes visits of instances that the transaction has locked or made. */
export function createVisits({
  repository,
  outbox,
  clock,
}: {
  repository: Pick<MovesRepository, 'addHistory' | 'updateInstance'>;
  outbox: Pick<Outbox<ProcessTables>, 'add'>;
  clock: Clock;
}) {
  return function visit(tx: ProcessTransaction, instance: InstanceRow, source: EventSource): Visit {
    const { requestId, caller } = source;
    const at = new Date(clock());
    const noted: { note: Note; doer: Doer }[] = [];

    function historyRow({ note, doer }: { note: Note; doer: Doer }, index: number): HistoryRow {
      return {
        instance_id: instance.id,
        number: instance.history_length + index + 1,
        at,
        action: note.action,
        actor_id: doer === 'source' ? (caller?.accountId ?? null) : null,
        task_id: note.taskId,
        details: note.details,
      };
    }

    /** One after the other, so that they are delivered in the order in which they were noted. */
    async function addEvents(): Promise<void> {
      for (let from = 0; from < noted.length; ) {
        const doer = noted[from]?.doer;
        const next = noted.findIndex((other, index) => index > from && other.doer !== doer);
        const to = next === -1 ? noted.length : next;
        const events = noted.slice(from, to).flatMap(({ note }) => note.event ?? []);
        await outbox.add(tx, events, doer === 'source' ? source : { requestId });
        from = to;
      }
    }

    return {
      tx,
      instance,
      source,
      at,
      note(note, doer = 'source') {
        noted.push({ note, doer });
      },
      async leave() {
        if (noted.length === 0) return;
        await repository.addHistory(tx, noted.map(historyRow));
        await addEvents();
        instance.history_length += noted.length;
        instance.modified_at = at;
        await repository.updateInstance(tx, instance);
      },
    };
  };
}
