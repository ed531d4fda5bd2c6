import type { Clock } from '@vestibule/shared/call-context';
import type { Log } from './change-log.ts';
import type { ErasuresRepository } from './erasures-repository.ts';

/** Accounts that one transaction erases at most. */
const atOnce = 100;

/** Forgets what accounts said of their owners, some time after they were deleted. */
export function createErasures({
  repository,
  afterMs,
  clock,
  newId,
  logger,
}: {
  repository: ErasuresRepository;
  /** From the deletion to the erasure. */
  afterMs: number;
  clock: Clock;
  /** For the request in which the platform does it by itself. */
  newId: () => string;
  logger: Log;
}) {
  return {
    /** Erases all whose time has come; safe on several replicas at once. */
    async erase(): Promise<void> {
      const now = clock();
      const source = { requestId: `erasure-${newId()}` };
      let erased: number[];
      do {
        erased = await repository.erase(new Date(now - afterMs), atOnce, { at: new Date(now), source });
        for (const accountId of erased) {
          logger.info({ requestId: source.requestId, accountId }, 'account erased');
        }
      } while (erased.length === atOnce);
    },
  };
}
