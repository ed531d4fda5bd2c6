import type { Result } from 'ioredis';

/** Runs inside Redis as one step; so nothing of another client comes between its lines. */
type Script = { numberOfKeys?: number; lua: string };

/** KEYS: the counter. ARGV: its window. Answers the count and the rest of the window. */
const count: Script = {
  numberOfKeys: 1,
  lua: `
    local count = redis.call('INCR', KEYS[1])
    if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
    return { count, redis.call('PTTL', KEYS[1]) }`,
};

/** KEYS: the counters. ARGV: limit and window of each. Answers 0, or the place of the used-up one and its rest. */
const reserve: Script = {
  lua: `
    local used, rest = 0, -1
    for i, key in ipairs(KEYS) do
      if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * i - 1]) then
        local ms = redis.call('PTTL', key)
        if ms < 0 then ms = tonumber(ARGV[2 * i]) end
        if ms > rest then used, rest = i, ms end
      end
    end
    if used > 0 then return { used, rest } end
    for i, key in ipairs(KEYS) do
      if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[2 * i]) end
    end
    return { 0, 0 }`,
};

/** KEYS: the counters. The last count taken back ends the window: the next one starts its own. */
const giveBack: Script = {
  lua: `
    for _, key in ipairs(KEYS) do
      local count = tonumber(redis.call('GET', key) or '0')
      if count > 1 then redis.call('DECR', key) else redis.call('DEL', key) end
    end`,
};

/** KEYS: the copy, its floor. ARGV: value, version, time to live. Answers whether the copy was taken. */
const fill: Script = {
  numberOfKeys: 2,
  lua: `
    local floor = redis.call('GET', KEYS[2])
    if floor and tonumber(ARGV[2]) < tonumber(floor) then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
    redis.call('SET', KEYS[2], ARGV[2], 'PX', math.max(tonumber(ARGV[3]), redis.call('PTTL', KEYS[2])))
    return 1`,
};

/** KEYS: the copy, its floor. ARGV: version, the floor's time to live. */
const raise: Script = {
  numberOfKeys: 2,
  lua: `
    local floor = redis.call('GET', KEYS[2])
    if not floor or tonumber(floor) < tonumber(ARGV[1]) then
      redis.call('DEL', KEYS[1])
      floor = ARGV[1]
    end
    redis.call('SET', KEYS[2], floor, 'PX', math.max(tonumber(ARGV[2]), redis.call('PTTL', KEYS[2])))`,
};

export const scripts = { count, reserve, giveBack, fill, raise } as const;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    count(key: string, windowMs: number): Result<[count: number, resetMs: number], Context>;
    reserve(
      keys: number,
      ...keysThenLimits: (string | number)[]
    ): Result<[place: number, ms: number], Context>;
    giveBack(keys: number, ...names: string[]): Result<null, Context>;
    fill(copy: string, floor: string, value: string, version: number, ttlMs: number): Result<0 | 1, Context>;
    raise(copy: string, floor: string, version: number, floorTtlMs: number): Result<null, Context>;
  }
}
