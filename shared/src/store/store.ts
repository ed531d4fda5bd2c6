/** A limit on how often something may happen: at most `limit` within a window that starts at the first. */
export type Limit = { key: string; limit: number; windowMs: number };

/** `key` is the used-up limit that lasts longest, `retryAfterMs` until its window ends. */
export type Reservation = { granted: true } | { granted: false; key: string; retryAfterMs: number };

/** A time to live as every store takes it; a wrong one is a fault of the caller, and 0 would be for ever. */
export function wholeMs(ms: number): number {
  if (Number.isSafeInteger(ms) && ms > 0) return ms;
  throw new RangeError(`a time to live is a positive whole number of milliseconds, not ${ms}`);
}

/**
 * Short-lived data that all replicas share. Every operation is atomic, also between replicas, and ends
 * within `STORE_TIMEOUT_MS`: what the store cannot do is an AppError `store-unavailable`, never a wait.
 * Keys are plain text; the implementation puts its namespace before them. Values, copies and counters live
 * in one space of keys: `remove` ends any of them, and `get` of a counter is its count in decimal. Times are
 * positive whole milliseconds.
 */
export type Store = {
  get(key: string): Promise<string | null>;
  /** The values of several keys in one round trip, in their order. */
  getMany(keys: readonly string[]): Promise<(string | null)[]>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
  remove(key: string): Promise<void>;
  /** Reads and removes: of any number of takers, one gets the value. */
  take(key: string): Promise<string | null>;
  /** Adds one to a counter whose window starts with its first count. */
  count(key: string, windowMs: number): Promise<{ count: number; resetMs: number }>;
  /** Counts one on all of the limits, or, if one of them is used up, on none. */
  reserve(limits: readonly Limit[]): Promise<Reservation>;
  /** Takes back one count of each key; never below zero, never reviving a window that is over. */
  giveBack(keys: readonly string[]): Promise<void>;
  /**
   * Keeps a copy of something whose truth is elsewhere, read at `version`: refused (false) when a newer
   * copy is here, or when `raise` has said since that this version is old.
   */
  fill(key: string, value: string, version: number, ttlMs: number): Promise<boolean>;
  /**
   * Drops a copy older than `version` and, for `floorTtlMs`, refuses fills of older ones: so a read that
   * was under way while the truth changed cannot bring the old state back.
   */
  raise(key: string, version: number, floorTtlMs: number): Promise<void>;
  /** Whether the store answers now; for readiness. Never throws. */
  ready(): Promise<boolean>;
  close(): Promise<void>;
};
