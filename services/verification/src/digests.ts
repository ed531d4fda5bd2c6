import { createHmac, timingSafeEqual } from 'node:crypto';
import { derivedKey } from '@vestibule/shared/derived-key';

/** Nothing is protected by it: what is kept in development lives for minutes, and whoever reads this knows it. */
const developmentSecret = 'vestibule in development, without KEYS_SECRET';

/**
 * Keyed digests: under these phones, addresses, captchas and codes stand in the store, so that who reads the
 * store learns none of them, short as they are. All replicas need the same secret (`KEYS_SECRET`); without
 * one, in development, the key is a fixed one.
 */
export function createDigests(secret: string = developmentSecret) {
  const key = derivedKey(secret, 'verification/digests');
  return {
    /** The digest of several texts together; the first says what for, so that no two uses can be confused. */
    of: (purpose: string, ...texts: readonly string[]): string =>
      createHmac('sha256', key)
        .update(JSON.stringify([purpose, ...texts]))
        .digest('base64url'),

    /** Compares in constant time. */
    same(one: string, other: string): boolean {
      const [a, b] = [Buffer.from(one), Buffer.from(other)];
      return a.length === b.length && timingSafeEqual(a, b);
    },
  };
}
export type Digests = ReturnType<typeof createDigests>;
