import type { Logger } from '@vestibule/shared/logger';
import type { AuditRepository } from './audit-repository.ts';

/** Milliseconds for which those that come soon after the first are waited for: one transaction writes them all. */
const gatherMs = 250;

/**
 * Makes lines of the audit log of what auth has noted for it, also of what other replicas and earlier runs have left,
 * until it is stopped; what waits then is written by whoever starts next.
 */
export function startAuditNotes({
  repository,
  pollMs,
  logger,
}: {
  repository: Pick<AuditRepository, 'hasNotes' | 'append'>;
  /** `OUTBOX_POLL_MS`. */
  pollMs: number;
  logger: Logger;
}) {
  let woken = false;
  let looking: Promise<void> | null = null;
  let stopping = false;
  let timer: NodeJS.Timeout;

  async function write(): Promise<void> {
    try {
      while (await repository.hasNotes()) await repository.append([]);
    } catch (error) {
      logger.warn({ err: error }, 'what was noted cannot be written into the audit log; it is tried again');
    }
  }

  function lookIn(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      woken = false;
      looking = write().finally(() => {
        looking = null;
        if (!stopping) lookIn(woken ? gatherMs : pollMs);
      });
    }, ms);
  }
  lookIn(0);

  return {
    /** After the commit: what was noted is written soon, and not at the next look. */
    wake(): void {
      if (woken || stopping) return;
      woken = true;
      // The look that is under way sets the next one when it ends.
      if (looking === null) lookIn(gatherMs);
    },

    /** Resolves when what is being written is; what waits stays. */
    async stop(): Promise<void> {
      stopping = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
