import { LRUCache } from 'lru-cache';
import type { Clock } from '../call-context.ts';
import { type Limit, type Reservation, type Store, wholeMs } from './store.ts';

type Entry = { text: string };

/**
 * The store of a single process: its data are gone with it, and no other process sees them. Bounded: beyond
 * `maxEntries` what was longest unused is forgotten, so that a flood of keys costs memory only up to there.
 */
export function memoryStore({ clock, maxEntries = 100_000 }: { clock: Clock; maxEntries?: number }): Store {
  // Resolution 0: every question asks the clock, so that a moved clock counts at once.
  const options = { max: maxEntries, ttlResolution: 0, perf: { now: clock } };
  /** Values, copies and counters, as Redis holds them: one space of keys. */
  const entries = new LRUCache<string, Entry>(options);
  /** The newest version that `fill` or `raise` has named; outlives the copy. */
  const floors = new LRUCache<string, { version: number }>(options);

  const countOf = (key: string) => Number(entries.get(key)?.text ?? 0);

  function increment(key: string, windowMs: number): number {
    const entry = entries.get(key);
    if (entry === undefined) {
      entries.set(key, { text: '1' }, { ttl: wholeMs(windowMs) });
      return 1;
    }
    const count = Number(entry.text) + 1;
    // In place: the window goes on as it began.
    entry.text = String(count);
    return count;
  }

  function raiseFloor(key: string, version: number, ttlMs: number): void {
    const known = floors.get(key)?.version ?? version;
    const ttl = Math.max(wholeMs(ttlMs), floors.getRemainingTTL(key));
    floors.set(key, { version: Math.max(known, version) }, { ttl });
  }

  function exhausted(limits: readonly Limit[]): Reservation {
    const refused = limits
      .filter(({ key, limit }) => countOf(key) >= limit)
      .map(({ key, windowMs }) => ({
        key,
        retryAfterMs: entries.has(key) ? entries.getRemainingTTL(key) : windowMs,
      }))
      .sort((a, b) => b.retryAfterMs - a.retryAfterMs);
    return refused[0] ? { granted: false, ...refused[0] } : { granted: true };
  }

  return {
    async get(key) {
      return entries.get(key)?.text ?? null;
    },
    async getMany(keys) {
      return keys.map((key) => entries.get(key)?.text ?? null);
    },
    async set(key, value, ttlMs) {
      entries.set(key, { text: value }, { ttl: wholeMs(ttlMs) });
    },
    async remove(key) {
      entries.delete(key);
    },
    async take(key) {
      const text = entries.get(key)?.text ?? null;
      entries.delete(key);
      return text;
    },
    async count(key, windowMs) {
      const count = increment(key, windowMs);
      return { count, resetMs: entries.getRemainingTTL(key) };
    },
    async reserve(limits) {
      const reservation = exhausted(limits);
      if (reservation.granted) for (const { key, windowMs } of limits) increment(key, windowMs);
      return reservation;
    },
    async giveBack(keys) {
      for (const key of keys) {
        const count = countOf(key);
        const entry = entries.get(key);
        if (entry && count > 1) entry.text = String(count - 1);
        else entries.delete(key);
      }
    },
    async fill(key, value, version, ttlMs) {
      const floor = floors.get(key);
      if (floor && version < floor.version) return false;
      entries.set(key, { text: value }, { ttl: wholeMs(ttlMs) });
      raiseFloor(key, version, ttlMs);
      return true;
    },
    async raise(key, version, floorTtlMs) {
      const floor = floors.get(key);
      if (floor === undefined || floor.version < version) entries.delete(key);
      raiseFloor(key, version, floorTtlMs);
    },
    async ready() {
      return true;
    },
    async close() {
      entries.clear();
      floors.clear();
    },
  };
}
