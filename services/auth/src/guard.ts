import { createHmac } from 'node:crypto';
import type { Clock } from '@vestibule/shared/call-context';
import { AppError, codeOf } from '@vestibule/shared/errors';
import type { Logger } from '@vestibule/shared/logger';
import type { AuthSettings } from './config.ts';
import type { Counted, GuessCounters, Refused } from './guess-counters.ts';
import type { Counters, GuessRepository, KnownAddress } from './guess-repository.ts';
import { createInFlight } from './in-flight.ts';

type Figures = { limit: number; windowMs: number };

/** How many wrong passwords are let through. Windows start with their first one. */
export type GuessLimits = {
  /** For one account from one address. */
  pair: Figures;
  /** From one address, for whatever accounts. */
  address: Figures;
  /** For one account from anywhere; locks it for addresses that it was never signed in from. */
  account: Figures;
};

/** The limits as they are set. */
export function guessLimits(settings: AuthSettings): GuessLimits {
  const figures = (limit: number, windowSeconds: number) => ({ limit, windowMs: windowSeconds * 1000 });
  return {
    pair: figures(settings.GUESS_PAIR_LIMIT, settings.GUESS_PAIR_WINDOW),
    address: figures(settings.GUESS_ADDRESS_LIMIT, settings.GUESS_ADDRESS_WINDOW),
    account: figures(settings.GUESS_ACCOUNT_LIMIT, settings.GUESS_ACCOUNT_WINDOW),
  };
}

/** Who tries whose password: `subject` is an account, or the text of a login that nobody has. */
export type Try = { subject: string; address: string };

export type Guard = {
  /**
   * Runs `verify` if the limits let this try through, else throws `rate-limited`, or
   * `address-limited` where it is the address alone. Counted before it is run, so that parallel tries cannot
   * slip by. A right password takes its count back and resets the pair; a
   * try that failed for another reason has told nobody anything and takes its count back too. What is
   * refused only because of tries under way here waits until they have ended, or its deadline passes.
   */
  check(attempt: Try, deadline: number, verify: () => Promise<boolean>): Promise<boolean>;
  /**
   * What is to be kept of a try whose password was right, so that nobody locks the account for its address: in one
   * statement with what the password was for. Null: nothing is.
   */
  knownAddress(attempt: Try): KnownAddress | null;
  /** Keeps that alone, where the password was for nothing that is written with it. Never rejects. */
  remember(attempt: Try): Promise<void>;
};

/** For `LIMITS=off`. */
export const openGuard: Guard = {
  check: (_attempt, _deadline, verify) => verify(),
  knownAddress: () => null,
  remember: async () => {},
};

export function createGuard({
  counters,
  repository,
  limits,
  hashKey,
  clock,
  logger,
}: {
  counters: GuessCounters;
  repository: Pick<GuessRepository, 'knows' | 'remember'>;
  limits: GuessLimits;
  /** Keys the hashes under which logins and addresses are counted and remembered. */
  hashKey: Buffer;
  clock: Clock;
  logger: Logger;
}): Guard {
  const inFlight = createInFlight();
  const digest = (...parts: string[]) =>
    createHmac('sha256', hashKey).update(JSON.stringify(parts)).digest('base64url');

  function keysOf({ subject, address }: Try) {
    const pair = `guess:pair:${digest(subject, address)}`;
    return { pair, address: `guess:address:${address}`, account: `guess:account:${subject}` };
  }
  type Keys = ReturnType<typeof keysOf>;
  /** Where a try was counted; `end` says that it is no longer under way. */
  type Reserved = { counters: Counters; end: () => void };

  async function reserveOnce({ subject, address }: Try, keys: Keys): Promise<Counted | Refused> {
    const narrow = [
      { key: keys.pair, ...limits.pair },
      { key: keys.address, ...limits.address },
    ];
    const account = { key: keys.account, ...limits.account };
    const first = await counters.reserve([...narrow, account]);
    if (first.granted || first.key !== keys.account) return first;
    if (!(await repository.knows(subject, address))) return first;
    // Its own addresses are counted and not refused: nobody locks an account's owner out from afar.
    return counters.reserve([...narrow, { ...account, limit: Number.MAX_SAFE_INTEGER }]);
  }

  async function reserve(attempt: Try, keys: Keys, deadline: number): Promise<Reserved> {
    while (clock() < deadline) {
      const ended = inFlight.ended();
      const reserved = await reserveOnce(attempt, keys);
      // In the same turn: those who are refused now for want of its place must find it under way.
      if (reserved.granted) return { counters: reserved.counters, end: inFlight.begin(Object.values(keys)) };
      // What ended meanwhile may have made room.
      if (inFlight.ended() !== ended) continue;
      const end = inFlight.nextEnd(reserved.key);
      if (end === null) {
        const retryAfterSeconds = Math.max(1, Math.ceil(reserved.retryAfterMs / 1000));
        const code = reserved.key === keys.address ? 'address-limited' : 'rate-limited';
        throw new AppError(code, { retryAfterSeconds });
      }
      await end;
    }
    throw new AppError('deadline-passed');
  }

  /** For what comes after the answer is certain, and must not change it. */
  async function settle(...works: Promise<unknown>[]): Promise<void> {
    for (const result of await Promise.allSettled(works)) {
      if (result.status === 'fulfilled') continue;
      logger.warn(
        { code: codeOf(result.reason) },
        'a counted try could not be taken back, or its address not kept',
      );
    }
  }

  async function run(keys: Keys, counted: Counters, verify: () => Promise<boolean>) {
    let right: boolean;
    try {
      right = await verify();
    } catch (error) {
      await settle(counted.giveBack(Object.values(keys)));
      throw error;
    }
    if (right) {
      await settle(counted.remove(keys.pair), counted.giveBack([keys.address, keys.account]));
    }
    return right;
  }

  const hidden = ({ subject, address }: Try): Try => ({
    subject: digest('subject', subject),
    address: digest('address', address),
  });

  const knownAddress = (attempt: Try) => ({ ...hidden(attempt), lastSeenAt: new Date(clock()) });

  return {
    knownAddress,
    remember: (attempt) => settle(repository.remember(knownAddress(attempt))),

    async check(plain, deadline, verify) {
      const attempt = hidden(plain);
      const keys = keysOf(attempt);
      const { counters: counted, end } = await reserve(attempt, keys, deadline);
      try {
        return await run(keys, counted, verify);
      } finally {
        end();
      }
    },
  };
}
