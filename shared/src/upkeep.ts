import { codeOf } from './errors.ts';
import type { Logger } from './logger.ts';

/** Work that is done from time to time, by name. Safe on several replicas at once. */
export type Tasks = Readonly<Record<string, () => Promise<void>>>;

/** Runs the tasks every `intervalMs`, never twice at the same time, until it is stopped. */
export function startUpkeep({
  tasks,
  intervalMs,
  logger,
}: {
  tasks: Tasks;
  intervalMs: number;
  logger: Logger;
}) {
  let running: Promise<void> | null = null;

  async function runAll(): Promise<void> {
    for (const [task, run] of Object.entries(tasks)) {
      try {
        await run();
      } catch (error) {
        logger.warn({ task, code: codeOf(error), err: error }, 'upkeep failed; it is tried again');
      }
    }
  }

  /** Starts a round, or joins the one under way. */
  const round = () => {
    running ??= runAll().finally(() => {
      running = null;
    });
    return running;
  };
  const timer = setInterval(round, intervalMs);
  timer.unref();

  return {
    /** Ends the intervals and waits for a round under way. */
    async stop(): Promise<void> {
      clearInterval(timer);
      await running;
    },
  };
}
