import type { Clock } from '../call-context.ts';
import { AppError } from '../errors.ts';

export type Breaker = {
  /** Runs an operation, or refuses it at once while the store rests. Fails with `store-unavailable` only. */
  run<T>(operation: () => Promise<T>): Promise<T>;
  /** The store is known to be back: no more rest. */
  reset(): void;
};

type Options = {
  clock: Clock;
  /** Milliseconds that one operation may take. */
  timeoutMs: number;
  /** Whether the failure means that the store is away, and not that it refused this one operation. */
  isAway: (error: unknown) => boolean;
};

/** Milliseconds for which a store that is away is left alone. */
const restMs = 1000;

/**
 * Leaves a store alone that hangs or is away: after a failure everything is refused at once for a second, then
 * one operation tries it again, and only its success lets the others through.
 */
export function createBreaker({ clock, timeoutMs, isAway }: Options): Breaker {
  let restUntil: number | undefined;
  let probing = false;

  function rests(): boolean {
    if (restUntil === undefined) return false;
    const left = restUntil - clock();
    // More than a whole rest is left when the clock was set back.
    return probing || (left > 0 && left <= restMs);
  }

  async function attempt<T>(operation: () => Promise<T>): Promise<T> {
    try {
      const result = await within(timeoutMs, operation());
      restUntil = undefined;
      return result;
    } catch (error) {
      restUntil = isAway(error) ? clock() + restMs : undefined;
      throw new AppError('store-unavailable', {}, error);
    }
  }

  return {
    async run(operation) {
      if (rests()) throw new AppError('store-unavailable');
      if (restUntil === undefined) return attempt(operation);
      probing = true;
      return attempt(operation).finally(() => {
        probing = false;
      });
    },
    reset() {
      restUntil = undefined;
    },
  };
}

/** What comes later is dropped, its failure too. */
function within<T>(ms: number, pending: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`no answer within ${ms} ms`));
    // After a pause of this process the answer may lie unread in the socket: it is looked at once more.
    const timer = setTimeout(() => setImmediate(late), ms);
    pending.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
