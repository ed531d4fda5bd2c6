import rateLimit, { type FastifyRateLimitStore } from '@fastify/rate-limit';
import type { Clock } from '@vestibule/shared/call-context';
import { AppError, codeOf } from '@vestibule/shared/errors';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import type { Store } from '@vestibule/shared/store/store';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { clientAddress } from './address.ts';

type Counts = Pick<Store, 'count'>;

export type LimitOptions = { name: string; limit: number; windowMs: number };

const rateKey = (name: string, address: string) => `rate:${name}:${address}`;

const rateLimited = (resetMs: number) =>
  new AppError('rate-limited', { retryAfterSeconds: Math.ceil(resetMs / 1000) });

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
      counts.count(rateKey(name, address), windowMs).then(
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
  { name, counts, limit, windowMs }: LimitOptions & { counts: Counts },
): Promise<void> {
  await scope.register(rateLimit, {
    max: limit,
    timeWindow: windowMs,
    keyGenerator: clientAddress,
    store: rateLimitStore(name, counts),
    errorResponseBuilder: (_request, { ttl }) => rateLimited(ttl),
  });
}

/** A limit that a handler asks for itself, once what it was sent is right; refuses with `rate-limited`. */
export type AddressLimit = (request: Pick<FastifyRequest, 'ip' | 'socket'>) => Promise<void>;

/** At most `limit` of what `name` says for one address within a window. */
export const addressLimit =
  ({ counts, name, limit, windowMs }: LimitOptions & { counts: Counts }): AddressLimit =>
  async (request) => {
    const { count, resetMs } = await counts.count(rateKey(name, clientAddress(request)), windowMs);
    if (count > limit) throw rateLimited(resetMs);
  };
