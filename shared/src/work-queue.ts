import type { Clock } from './call-context.ts';
import { AppError } from './errors.ts';

/**
 * Does heavy work a few pieces at a time, so that a flood of it is refused early instead of being waited for.
 */
export type WorkQueue = {
  /**
   * Runs `work` when its turn comes. Fails with `busy` when too much waits already, and with
   * `deadline-passed` when the turn comes after the deadline (milliseconds since 1970): then it was not begun.
   */
  run<Result>(deadline: number, work: () => Promise<Result>): Promise<Result>;
  /** How much of it there is now. */
  depth(): { running: number; waiting: number };
};

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

  async function turn(): Promise<void> {
    if (running < concurrency) {
      running += 1;
      return;
    }
    if (waiting.length >= queue) throw new AppError('busy', { retryAfterSeconds: 1 });
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** The turn goes from hand to hand while somebody waits. */
  function done(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  return {
    depth: () => ({ running, waiting: waiting.length }),

    async run(deadline, work) {
      await turn();
      try {
        if (clock() >= deadline) throw new AppError('deadline-passed');
        return await work();
      } finally {
        done();
      }
    },
  };
}
