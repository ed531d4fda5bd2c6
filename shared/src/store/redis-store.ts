import { ReplyError } from 'ioredis';
import type { Clock } from '../call-context.ts';
import { gatherReads } from '../gathered-reads.ts';
import type { Logger } from '../logger.ts';
import { createBreaker } from './breaker.ts';
import { openRedis } from './redis-client.ts';
import { type Store, wholeMs } from './store.ts';

/** Keys that one command asks for at most. */
const readAtOnce = 1000;

type Options = {
  /** `REDIS_URL`. */
  url: string;
  /** `NAMESPACE`: before every key, so that several platforms can share one Redis. */
  namespace: string;
  /** `STORE_TIMEOUT_MS`. */
  timeoutMs: number;
  logger: Logger;
  clock: Clock;
};

/**
 * The store that replicas share. It connects in the background, also when Redis is away at first, and for as
 * long as the process lives; while Redis is away or hangs, operations fail with `store-unavailable`.
 *
 * An operation that failed like that may still be executed, by a Redis that was frozen and goes on: a value
 * that was being taken is then lost (and never given out twice), what was being counted or reserved is
 * counted although it was refused, what was being given back, set, removed or raised may be so after all. A
 * late `fill` is held to the floor like any other.
 *
 * One Redis or a primary with replicas: `getMany`, and `reserve` and `giveBack` of several keys, touch several
 * slots of a cluster. A copy and its floor share a slot. Set `maxmemory-policy noeviction`.
 */
export function redisStore({ url, namespace, timeoutMs, logger, clock }: Options): Store {
  const { client, close } = openRedis({ url, timeoutMs, logger });
  const { run, reset } = createBreaker({
    clock,
    timeoutMs,
    isAway: (error) => !(error instanceof ReplyError),
  });
  client.on('ready', reset);

  const connected = new Promise((resolve) => {
    client.once('ready', resolve).once('close', resolve);
  });

  const name = (key: string) => `${namespace}:${key}`;
  const floorOf = (key: string) => `{${name(key)}}:floor`;
  const read = gatherReads(async (keys: readonly string[]) => {
    const values = await run(() => client.mget(keys.map(name)));
    const found = new Map<string, string>();
    for (const [index, key] of keys.entries()) {
      const value = values[index];
      if (typeof value === 'string') found.set(key, value);
    }
    return found;
  }, readAtOnce);

  return {
    get: (key) => run(() => client.get(name(key))),
    getMany: (keys) => Promise.all(keys.map(read)),
    async set(key, value, ttlMs) {
      const ms = wholeMs(ttlMs);
      await run(() => client.set(name(key), value, 'PX', ms));
    },
    async remove(key) {
      await run(() => client.del(name(key)));
    },
    take: (key) => run(() => client.getdel(name(key))),
    async count(key, windowMs) {
      const ms = wholeMs(windowMs);
      const [count, resetMs] = await run(() => client.count(name(key), ms));
      return { count, resetMs };
    },
    async reserve(limits) {
      if (limits.length === 0) return { granted: true };
      const keys = limits.map(({ key }) => name(key));
      const rules = limits.flatMap(({ limit, windowMs }) => [limit, wholeMs(windowMs)]);
      const [place, retryAfterMs] = await run(() => client.reserve(keys.length, ...keys, ...rules));
      const usedUp = limits[place - 1];
      return usedUp ? { granted: false, key: usedUp.key, retryAfterMs } : { granted: true };
    },
    async giveBack(keys) {
      if (keys.length === 0) return;
      await run(() => client.giveBack(keys.length, ...keys.map(name)));
    },
    async fill(key, value, version, ttlMs) {
      const ms = wholeMs(ttlMs);
      return (await run(() => client.fill(name(key), floorOf(key), value, version, ms))) === 1;
    },
    async raise(key, version, floorTtlMs) {
      const ms = wholeMs(floorTtlMs);
      await run(() => client.raise(name(key), floorOf(key), version, ms));
    },
    async ready() {
      // At the start the first connection is waited for, or its failure; 2 s at most.
      await connected;
      try {
        await run(() => client.ping());
        return true;
      } catch {
        return false;
      }
    },
    close,
  };
}
