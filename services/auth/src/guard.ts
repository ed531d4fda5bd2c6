import { createHmac } from 'node:crypto';
import { AppError, codeOf } from '@vestibule/shared/errors';
import type { Logger } from '@vestibule/shared/logger';
import type { Limit } from '@vestibule/shared/store/store';
import type { AuthSettings } from './config.ts';
import type { GuessCounters, Refused } from './guess-counters.ts';
import type { GuessRepository } from './guess-repository.ts';

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
   * Runs `verify` if the limits let this try through, else throws `rate-limited`. Counted before it is run,
   * so that parallel tries cannot slip by. A right password takes its count back and resets the pair; a
   * try that failed for another reason has told nobody anything and takes its count back too.
   */
  check(attempt: Try, verify: () => Promise<boolean>): Promise<boolean>;
};

/** For `LIMITS=off`. */
export const openGuard: Guard = { check: (_attempt, verify) => verify() };

export function createGuard({
  counters,
  repository,
  limits,
  hashKey,
  logger,
}: {
  counters: GuessCounters;
  repository: Pick<GuessRepository, 'knows' | 'remember'>;
  limits: GuessLimits;
  /** Keys the hashes under which logins and addresses are counted and remembered. */
  hashKey: Buffer;
  logger: Logger;
}): Guard {
  const digest = (...parts: string[]) =>
    createHmac('sha256', hashKey).update(JSON.stringify(parts)).digest('base64url');

  function refuse({ retryAfterMs }: Refused): never {
    throw new AppError('rate-limited', { retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)) });
  }

  async function reserve(subject: string, address: string) {
    const pair: Limit = { key: `guess:pair:${digest(subject, address)}`, ...limits.pair };
    const from: Limit = { key: `guess:address:${address}`, ...limits.address };
    const account: Limit = { key: `guess:account:${subject}`, ...limits.account };
    const keys = { pair: pair.key, wider: [from.key, account.key] };
    const first = await counters.reserve([pair, from, account]);
    if (first.granted) return { counters: first.counters, keys };
    if (first.key !== account.key || !(await repository.knows(subject, address))) return refuse(first);
    // Its own addresses are counted and not refused: nobody locks an account's owner out from afar.
    const unlimited = { ...account, limit: Number.MAX_SAFE_INTEGER };
    const second = await counters.reserve([pair, from, unlimited]);
    return second.granted ? { counters: second.counters, keys } : refuse(second);
  }

  /** For what comes after the answer is certain, and must not change it. */
  async function settle(...works: Promise<unknown>[]): Promise<void> {
    for (const result of await Promise.allSettled(works)) {
      if (result.status === 'fulfilled') continue;
      logger.warn({ code: codeOf(result.reason) }, 'a counted try could not be taken back or noted');
    }
  }

  return {
    async check(attempt, verify) {
      const subject = digest('subject', attempt.subject);
      const address = digest('address', attempt.address);
      const { counters: counted, keys } = await reserve(subject, address);
      let right: boolean;
      try {
        right = await verify();
      } catch (error) {
        await settle(counted.giveBack([keys.pair, ...keys.wider]));
        throw error;
      }
      if (right) {
        await settle(
          counted.remove(keys.pair),
          counted.giveBack(keys.wider),
          repository.remember(subject, address),
        );
      }
      return right;
    },
  };
}
