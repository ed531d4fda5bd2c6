import { createHmac } from 'node:crypto';
import type { Redis } from 'ioredis';
import { Refusal } from './refusal.ts';

const windowMs = 900_000;
const accountWindowMs = 86_400_000;

/** Counts tries of passwords before they are compared, on the same three counters as the platform, in two round trips. */
export function createGuesses({ redis, key, limit }: { redis: Redis; key: Buffer; limit: number }) {
  const digest = (...parts: string[]) =>
    createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');

  return {
    /** Runs `verify`; a right password takes its counts back. Answers the digests of account and address too. */
    async check(accountId: number, address: string, verify: () => Promise<boolean>) {
      const [subject, from] = [digest('subject', String(accountId)), digest('address', address)];
      const pair = `yardstick:guess:pair:${digest(subject, from)}`;
      const others = [`yardstick:guess:address:${from}`, `yardstick:guess:account:${subject}`];
      const keys = [pair, ...others];
      const windows = [windowMs, windowMs, accountWindowMs].flatMap((ms) => [limit, ms]);
      const [used] = await redis.reserve(keys.length, ...keys, ...windows);
      if (used > 0) throw new Refusal(429, 'Too many requests');
      const right = await verify();
      if (right) await Promise.all([redis.del(pair), redis.giveBack(others.length, ...others)]);
      return { right, subject, from };
    },
  };
}
