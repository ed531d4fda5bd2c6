import { createPublicKey } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallContext, Clock } from '@vestibule/shared/call-context';
import type { PublicKey } from '@vestibule/shared/contracts/auth';
import { AppError } from '@vestibule/shared/errors';

type KeysOptions = {
  /** Asks auth for its public keys. */
  fetchKeys: (context: CallContext) => Promise<{ keys: PublicKey[] }>;
  clock: Clock;
  /** Milliseconds between two fetches at least. */
  pauseMs: number;
  /** Milliseconds after which known keys are asked for again, so that one that was withdrawn is forgotten. */
  freshMs: number;
};

const pemOf = (key: PublicKey) =>
  createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();

/**
 * Auth's public keys, kept here. A `kid` that is not known is asked for once more, by a fetch that begins
 * after it was seen, since its key may be newer than the last; all who wait share the fetch, and fetches
 * keep a distance, so that tokens with made-up kids cost auth one call a pause at most.
 */
export function createKeys({ fetchKeys, clock, pauseMs, freshMs }: KeysOptions) {
  let keys: readonly PublicKey[] = [];
  let pems: ReadonlyMap<string, string> = new Map();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const stale = () => clock() - fetchedAt >= freshMs;

  async function fetchNow(context: CallContext): Promise<void> {
    ({ keys } = await fetchKeys(context));
    pems = new Map(keys.map((key) => [key.kid, pemOf(key)]));
    fetchedAt = clock();
  }

  /** Waits for the running fetch and the pause after it, then fetches for all who came in the meantime. */
  async function fetchInTurn(context: CallContext): Promise<void> {
    try {
      await running.catch(() => undefined);
      const waitMs = Math.max(0, fetchedAt + pauseMs - clock());
      if (clock() + waitMs >= context.deadline) throw new AppError('deadline-passed');
      if (waitMs > 0) await delay(waitMs);
    } finally {
      next = undefined;
    }
    running = fetchNow(context);
    await running;
  }

  function refresh(context: CallContext): Promise<void> {
    next ??= fetchInTurn(context);
    return next;
  }

  return {
    /** The key of a `kid` as PEM, or undefined when auth knows none. Fails as calls fail. */
    async pem(kid: string, context: CallContext): Promise<string | undefined> {
      const known = pems.get(kid);
      if (known === undefined) await refresh(context);
      else if (stale()) refresh(context).catch(() => undefined);
      return known ?? pems.get(kid);
    },
    /** All keys, for `/.well-known/jwks.json`. */
    async all(context: CallContext): Promise<readonly PublicKey[]> {
      if (stale()) await refresh(context);
      return keys;
    },
  };
}
export type Keys = ReturnType<typeof createKeys>;
