import type { Clock } from './call-context.ts';
import { AppError } from './errors.ts';

/**
 * Does heavy work a few pieces at a time, so that a flood of it is refused early instead of being waited for.
 */
export type WorkQueue = {
  /**
   * Runs `work` when its turn comes. Fails with `busy` when too much waits already: more than may wait, or so much
   * that most of the time until the deadline (milliseconds since 1970) would be waited for; and with
   * `deadline-passed` when the turn comes after the deadline: then it was not begun.
   */
  run<Result>(deadline: number, work: () => Promise<Result>): Promise<Result>;
  /** Fails with `busy` if `run` would now: to be asked before other work is done for the same caller. */
  insistOnRoom(deadline: number): void;
  /** How much of it there is now. */
  depth(): { running: number; waiting: number };
};

/** The part of the time that is left which may be waited: the rest is for the work, and for what comes after it. */
const patience = 0.8;
/** The part that the latest piece of work has in the average time of one. */
const weight = 1 / 16;

/** At most `concurrency` pieces of work run at once and at most `queue` wait. */
export function createWorkQueue({
  concurrency,
  queue,
  clock,
}: {
  concurrency: number;
  queue: number;
  clock: Clock;
}): WorkQueue {
  const waiting: (() => void)[] = [];
  let running = 0;
  let averageMs = 0;

  /** Whoever waits until the deadline is near is answered too late, and so is everybody behind. */
  function insistOnRoom(deadline: number): void {
    if (running < concurrency) return;
    const expectedMs = (waiting.length * averageMs) / concurrency;
    if (waiting.length < queue && expectedMs <= (deadline - clock()) * patience) return;
    throw new AppError('busy', { retryAfterSeconds: 1 });
  }

  async function turn(deadline: number): Promise<void> {
    if (running < concurrency) {
      running += 1;
      return;
    }
    insistOnRoom(deadline);
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** The turn goes from hand to hand while somebody waits. */
  function done(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  return {
    insistOnRoom,
    depth: () => ({ running, waiting: waiting.length }),

    async run(deadline, work) {
      await turn(deadline);
      try {
        const begun = clock();
        if (begun >= deadline) throw new AppError('deadline-passed');
        const result = await work();
        averageMs += (clock() - begun - averageMs) * weight;
        return result;
      } finally {
        done();
      }
    },
  };
}
