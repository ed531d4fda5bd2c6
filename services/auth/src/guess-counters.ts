import { codeOf } from '@vestibule/shared/errors';
import type { Logger } from '@vestibule/shared/logger';
import type { Limit } from '@vestibule/shared/store/store';
import type { Counters } from './guess-repository.ts';

/** A try that was counted, and where: only there can it be taken back. */
export type Counted = { granted: true; counters: Counters };
export type Refused = { granted: false; key: string; retryAfterMs: number };

/**
 * Counts in the store, and in the database while the store is away: so all replicas together let through at
 * most the limit in each of the two.
 */
export function createGuessCounters({
  store,
  fallback,
  logger,
}: {
  store: Counters;
  fallback: Counters;
  logger: Logger;
}) {
  let storeIsAway = false;

  function noteStore(away: boolean): void {
    if (away === storeIsAway) return;
    storeIsAway = away;
    if (away) logger.warn('the store is away: wrong passwords are counted in the database');
    else logger.info('wrong passwords are counted in the store again');
  }

  async function reserveIn(counters: Counters, limits: readonly Limit[]): Promise<Counted | Refused> {
    const reservation = await counters.reserve(limits);
    return reservation.granted ? { granted: true, counters } : reservation;
  }

  return {
    /** Counts one on all of the limits, or on none. */
    async reserve(limits: readonly Limit[]): Promise<Counted | Refused> {
      try {
        const reservation = await reserveIn(store, limits);
        noteStore(false);
        return reservation;
      } catch (error) {
        if (codeOf(error) !== 'store-unavailable') throw error;
        noteStore(true);
        return reserveIn(fallback, limits);
      }
    },
  };
}
export type GuessCounters = ReturnType<typeof createGuessCounters>;
