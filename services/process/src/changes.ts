import type { CallContext, Clock } from '@vestibule/shared/call-context';
import { AppError } from '@vestibule/shared/errors';
import type { Outbox } from '@vestibule/shared/outbox/outbox';
import type { Kysely } from 'kysely';
import type { Moves } from './moves.ts';
import type { InstanceRow, MovesRepository } from './moves-repository.ts';
import type { ProcessTables } from './tables.ts';
import type { Visit } from './visit.ts';

/** Does actions on accounts that wait, those of one instance at once; never rejects. */
export type AttemptActions = (instanceId: number, context: CallContext) => Promise<void>;

/** What is to be done to an instance as it was read. */
export type Plan<Result> = { instance: InstanceRow; work: (visit: Visit) => Result | Promise<Result> };

/** Changes as clients ask for them, after which their events go out. */
export function createChanges({
  repository,
  moves,
  outbox,
  clock,
}: {
  repository: Pick<MovesRepository, 'transaction' | 'alone'>;
  moves: Pick<Moves, 'look'>;
  outbox: Pick<Outbox<ProcessTables>, 'wake'>;
  clock: Clock;
}) {
  /** What is done to each instance here just now: who wants to do something else to it looks again after it. */
  const underWay = new Map<number, Promise<unknown>>();

  /** Answers null when somebody else has changed the instance since it was read: then nothing is done. */
  async function tryOnce<Result>(
    { instance, work }: Plan<Result>,
    context: CallContext,
  ): Promise<{ result: Result } | null> {
    const visit = moves.look(instance, context);
    const result = await work(visit);
    if (!(await visit.leave())) return null;
    if (visit.instance.history_length > instance.history_length) outbox.wake();
    return { result };
  }

  return {
    /** Starts something: in a transaction of several statements, or in one that needs none. */
    async start<Result>(
      of: 'several' | 'one',
      work: (db: Kysely<ProcessTables>) => Promise<Result>,
    ): Promise<Result> {
      const result = await (of === 'one' ? work(repository.alone) : repository.transaction(work));
      outbox.wake();
      return result;
    },

    /**
     * Does to an instance what `plan` says after a look at it, with nobody else at it; where somebody was, `plan` looks
     * again. What throws changes nothing.
     */
    async change<Result>(context: CallContext, plan: () => Promise<Plan<Result>>): Promise<Result> {
      for (;;) {
        const planned = await plan();
        const { id } = planned.instance;
        const before = underWay.get(id);
        if (before === undefined) {
          const trying = tryOnce(planned, context);
          const over = () => underWay.delete(id);
          underWay.set(id, trying.then(over, over));
          const done = await trying;
          if (done !== null) return done.result;
        } else {
          await before;
        }
        if (clock() >= context.deadline) throw new AppError('deadline-passed');
      }
    },
  };
}
export type Changes = ReturnType<typeof createChanges>;
