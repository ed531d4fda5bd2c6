import type { CallContext } from '@vestibule/shared/call-context';
import type { Outbox } from '@vestibule/shared/outbox/outbox';
import type { Moves } from './moves.ts';
import type { MovesRepository, ProcessTransaction } from './moves-repository.ts';
import type { ProcessTables } from './tables.ts';
import type { Visit } from './visit.ts';

/** Does actions on accounts that wait, those of one instance at once; never rejects. */
export type AttemptActions = (instanceId: number, context: CallContext) => Promise<void>;

/** Changes as clients ask for them: each one transaction, after which its events go out. */
export function createChanges({
  repository,
  moves,
  outbox,
}: {
  repository: Pick<MovesRepository, 'transaction'>;
  moves: Pick<Moves, 'visit'>;
  outbox: Pick<Outbox<ProcessTables>, 'wake'>;
}) {
  async function commit<T>(work: (tx: ProcessTransaction) => Promise<T>): Promise<T> {
    const result = await repository.transaction(work);
    outbox.wake();
    return result;
  }

  return {
    commit,

    /** Does `work` to an instance that is there, with nobody else at it. What throws changes nothing. */
    change: <T>(instanceId: number, context: CallContext, work: (visit: Visit) => Promise<T>): Promise<T> =>
      commit(async (tx) => {
        const visit = await moves.visit(tx, instanceId, context);
        if (visit === null) throw new Error(`the instance ${instanceId} is gone`);
        const result = await work(visit);
        await visit.leave();
        return result;
      }),
  };
}
export type Changes = ReturnType<typeof createChanges>;
