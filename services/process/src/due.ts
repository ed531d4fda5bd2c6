import type { Clock } from '@vestibule/shared/call-context';
import type { Outbox } from '@vestibule/shared/outbox/outbox';
import type { DueKind, DueRepository } from './due-repository.ts';
import type { Moves } from './moves.ts';
import type { ProcessTables } from './tables.ts';

/** Instances that one transaction locks at most: so long does who wants one of them wait. */
const instancesAtOnce = 10;
/** The overdue first: of what is overdue nobody is reminded. */
const kinds = ['overdue', 'due-soon'] as const satisfies readonly DueKind[];

/** Fires what time does to tasks. */
export function createDue({
  repository,
  moves,
  outbox,
  clock,
  newId,
  count,
}: {
  repository: DueRepository;
  moves: Pick<Moves, 'noteTime'>;
  outbox: Pick<Outbox<ProcessTables>, 'wake'>;
  clock: Clock;
  /** Names a look in logs and events, as a request's id does. */
  newId: () => string;
  /** For the metrics. */
  count: (kind: DueKind, tasks: number) => void;
}) {
  return {
    /**
     * Fires all whose time has come, in small transactions, until nothing is left or `signal` says stop. Each fires
     * once, over any number of replicas that look at the same time, however long nobody looked.
     */
    async fire(signal: AbortSignal): Promise<void> {
      const source = { requestId: `due-${newId()}` };
      const now = new Date(clock());
      for (const kind of kinds) {
        for (let more = true; more && !signal.aborted; ) {
          let fired = 0;
          more = await repository.take(kind, { now, limit: instancesAtOnce }, async (tx, tasks) => {
            for (const task of tasks) await moves.noteTime(tx, kind, task, source);
            fired = tasks.length;
          });
          if (fired === 0) continue;
          count(kind, fired);
          outbox.wake();
        }
      }
    },
  };
}
