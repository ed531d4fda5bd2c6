import { setTimeout as delay } from 'node:timers/promises';

const longestPauseMs = 30_000;

/**
 * Does what needs others that may be away: again and again, at growing intervals, until it is done or `signal` says
 * that the process ends. Never rejects, and keeps no process alive.
 */
export async function untilDone({
  attempt,
  failed,
  signal,
  firstPauseMs = 250,
}: {
  attempt: () => Promise<void>;
  /** Is told of each failure, and how many tries there were by then. */
  failed: (error: unknown, tries: number) => void;
  signal: AbortSignal;
  firstPauseMs?: number;
}): Promise<void> {
  let pauseMs = firstPauseMs;
  for (let tries = 1; !signal.aborted; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      failed(error, tries);
    }
    await delay(pauseMs, undefined, { signal, ref: false }).catch(() => {});
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}
