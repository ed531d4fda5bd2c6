import { setTimeout as delay } from 'node:timers/promises';
import type { CallContext, Clock } from '@vestibule/shared/call-context';
import { AppError, codeOf } from '@vestibule/shared/errors';
import type { WorkQueue } from '@vestibule/shared/work-queue';
import type { WeChatApp } from './wechat-apps.ts';
import type { WeChatClient } from './wechat-client.ts';
import type { Claim, KeptSessions, TradedSession } from './wechat-kept-sessions.ts';

/** Milliseconds between two looks whether another replica's exchange has ended. */
const pollMs = 100;
/** Milliseconds before its deadline at which a caller leaves: with less it could do nothing with a session. */
const reserveMs = 100;

/** `spent`: somebody else has the session. `look again`: it is kept, or nobody has traded the code. */
type Outcome = { session: TradedSession } | 'spent' | 'look again';
type Waiter = { resolve: (outcome: Outcome) => void; reject: (error: unknown) => void };
type Exchange = { waiting: Waiter[]; done: Promise<void> };
/** Whose code it is, and for which request it is traded. */
type Asked = { app: WeChatApp; code: string; requestId: string };

/**
 * Trades codes, each once however often it is sent: a repeat joins the exchange that is under way, here or on
 * another replica, and of all who wait one gets the session. An exchange goes on when nobody waits any more,
 * so that a repeat finds what came of it: WeChat would refuse the code, which is used by then.
 */
export function createExchanges({
  trade,
  kept,
  queue,
  waitMs,
  exchangeMs,
  clock,
}: {
  trade: WeChatClient;
  kept: KeptSessions;
  /** Bounds the exchanges under way. */
  queue: WorkQueue;
  /** Milliseconds that a caller waits at most. */
  waitMs: number;
  /** Milliseconds that an exchange lasts at most. */
  exchangeMs: number;
  clock: Clock;
}) {
  const underWay = new Map<string, Exchange>();
  const closing = new AbortController();

  /** `stillWanted` is asked when its turn has come: a code that was not traded is still good. */
  const askWeChat = (
    { app, code, requestId }: Asked,
    end: AbortSignal,
    stillWanted: () => boolean,
  ): Promise<TradedSession> =>
    queue.run(clock() + waitMs, async () => {
      if (!stillWanted()) throw new AppError('wechat-unavailable');
      const session = await trade(app, code, { requestId, signal: AbortSignal.any([closing.signal, end]) });
      return { ...session, tradedAt: clock() };
    });

  /** Ours, or what was kept; null when all have left before it was known. Without the store it is ours. */
  async function claim(id: string, waiting: readonly Waiter[]): Promise<Exclude<Claim, 'elsewhere'> | null> {
    for (let last: Claim = 'ours'; ; await delay(pollMs)) {
      try {
        last = await kept.claim(id);
      } catch (error) {
        if (codeOf(error) !== 'store-unavailable') throw error;
      }
      if (last !== 'elsewhere') return last;
      if (waiting.length === 0) return null;
    }
  }

  const exchange = (asked: Asked, waiting: readonly Waiter[]): Promise<TradedSession> =>
    askWeChat(asked, AbortSignal.timeout(exchangeMs), () => waiting.length > 0);

  /** One of those who wait gets the session; what nobody waits for is kept. Answers what it is to the others. */
  async function hand(id: string, session: TradedSession, waiting: Waiter[]): Promise<Outcome> {
    const first = waiting.shift();
    if (first) {
      first.resolve({ session });
      return 'spent';
    }
    await kept.keep(id, session);
    return 'look again';
  }

  async function run(id: string, asked: Asked, waiting: Waiter[]): Promise<void> {
    let ours = false;
    let rest: Outcome = 'look again';
    try {
      const claimed = await claim(id, waiting);
      ours = claimed === 'ours';
      if (claimed !== null) {
        const session = claimed === 'ours' ? await exchange(asked, waiting) : claimed.session;
        rest = await hand(id, session, waiting);
      }
    } catch (error) {
      for (const { reject } of waiting.splice(0)) reject(error);
    }
    if (ours) await kept.release(id);
    underWay.delete(id);
    for (const { resolve } of waiting.splice(0)) resolve(rest);
  }

  function join(id: string, asked: Asked): Waiter[] {
    const running = underWay.get(id);
    if (running) return running.waiting;
    const waiting: Waiter[] = [];
    underWay.set(id, { waiting, done: run(id, asked, waiting) });
    return waiting;
  }

  return {
    /**
     * The session of a code. Fails with `wechat-refused`, `wechat-unavailable`, `busy`, and with
     * `deadline-passed` when it is too late to begin.
     */
    async sessionOf(
      id: string,
      { app, code }: { app: WeChatApp; code: string },
      { deadline, requestId }: CallContext,
    ): Promise<TradedSession> {
      const wholeMs = Math.min(waitMs, deadline - clock() - reserveMs);
      if (wholeMs <= 0) throw new AppError('deadline-passed');
      const asked = { app, code, requestId };
      const patience = AbortSignal.timeout(wholeMs);
      while (!patience.aborted) {
        const waiting = join(id, asked);
        const outcome = await new Promise<Outcome>((resolve, reject) => {
          const waiter = { resolve, reject };
          waiting.push(waiter);
          const leave = () => {
            const place = waiting.indexOf(waiter);
            if (place >= 0) waiting.splice(place, 1);
            reject(new AppError('wechat-unavailable'));
          };
          patience.addEventListener('abort', leave, { once: true });
        });
        // WeChat says itself, and for each at once, that the code is used.
        if (outcome === 'spent') return await askWeChat(asked, patience, () => !patience.aborted);
        if (outcome !== 'look again') return outcome.session;
      }
      throw new AppError('wechat-unavailable');
    },

    /** Ends the exchanges that nobody waits for any more. */
    async stop(): Promise<void> {
      closing.abort();
      await Promise.all([...underWay.values()].map(({ done }) => done));
    },
  };
}
export type Exchanges = ReturnType<typeof createExchanges>;
