import rateLimit, { type FastifyRateLimitStore } from '@fastify/rate-limit';
import type { Clock } from '@vestibule/shared/call-context';
import { AppError, codeOf } from '@vestibule/shared/errors';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import type { Store } from '@vestibule/shared/store/store';
import type { FastifyInstance } from 'fastify';
import { clientAddress } from './address.ts';

type Counts = Pick<Store, 'count'>;

/** Counts in the shared store, and while that is away in this process alone. */
export function createRateCounts({ store, clock }: { store: Counts; clock: Clock }): Counts {
  const own = memoryStore({ clock });
  return {
    async count(key, windowMs) {
      try {
        return await store.count(key, windowMs);
      } catch (error) {
        if (codeOf(error) === 'store-unavailable') return own.count(key, windowMs);
        throw error;
      }
    },
  };
}

/** @fastify/rate-limit's kind of store over ours: it wants a class, and calls back. */
function rateLimitStore(name: string, counts: Counts) {
  return class RateLimitStore implements FastifyRateLimitStore {
    incr(...[address, done, windowMs]: Parameters<FastifyRateLimitStore['incr']>): void {
      counts.count(`rate:${name}:${address}`, windowMs).then(
        ({ count, resetMs }) => done(null, { current: count, ttl: resetMs }),
        (error) => done(error),
      );
    }
    child(): FastifyRateLimitStore {
      return this;
    }
  };
}

/** At most `limit` requests of one address within a window, over all routes of the scope together. */
export async function limitRate(
  scope: FastifyInstance,
  { name, counts, limit, windowMs }: { name: string; counts: Counts; limit: number; windowMs: number },
): Promise<void> {
  await scope.register(rateLimit, {
    max: limit,
    timeWindow: windowMs,
    keyGenerator: clientAddress,
    store: rateLimitStore(name, counts),
    errorResponseBuilder: (_request, { ttl }) =>
      new AppError('rate-limited', { retryAfterSeconds: Math.ceil(ttl / 1000) }),
  });
}
