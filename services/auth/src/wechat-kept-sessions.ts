import { createHmac } from 'node:crypto';
import type { Clock } from '@vestibule/shared/call-context';
import { codeOf } from '@vestibule/shared/errors';
import type { Logger } from '@vestibule/shared/logger';
import { type Static, Type, TypeCompiler } from '@vestibule/shared/schema';
import type { Store } from '@vestibule/shared/store/store';
import type { SecretBox } from './secret-box.ts';
import { WeChatSession } from './wechat-client.ts';

/** A session that a code was traded for, and when: milliseconds since 1970. */
const TradedSession = Type.Object({ ...WeChatSession.properties, tradedAt: Type.Integer() });
export type TradedSession = Static<typeof TradedSession>;
const isTraded = TypeCompiler.Compile(TradedSession);

/**
 * `session`: it was kept, and is taken now. Else who trades the code: the asker (`ours`, claimed until it is
 * released), or another replica, whose result will be kept here unless its own caller gets it.
 */
export type Claim = { session: TradedSession } | 'ours' | 'elsewhere';

/**
 * What the replicas tell each other of codes, in the store: who trades one, and what came of it when nobody
 * waited for it any more. Both stand under a keyed hash of app and code, the session sealed.
 */
export function createKeptSessions({
  store,
  box,
  hashKey,
  keepMs,
  claimMs,
  clock,
  logger,
}: {
  store: Pick<Store, 'reserve' | 'take' | 'set' | 'remove'>;
  box: Pick<SecretBox, 'seal' | 'open'>;
  hashKey: Buffer;
  /** Milliseconds from the trade on in which its result can be taken. */
  keepMs: number;
  /** Milliseconds after which a claim ends by itself; longer than a trade can last. */
  claimMs: number;
  clock: Clock;
  logger: Logger;
}) {
  const keptKey = (id: string) => `wechat:session:${id}`;
  const claimKey = (id: string) => `wechat:claim:${id}`;

  /** Null when the store is away: what it was to do is missed, and nothing else. */
  const unlessAway = async <T>(doing: Promise<T>): Promise<T | null> => {
    try {
      return await doing;
    } catch (error) {
      logger.debug({ code: codeOf(error) }, 'the store could not keep, give or release a WeChat session');
      return null;
    }
  };
  async function release(id: string): Promise<void> {
    await unlessAway(store.remove(claimKey(id)));
  }

  async function take(id: string): Promise<TradedSession | null> {
    const kept = await unlessAway(store.take(keptKey(id)));
    if (kept === null) return null;
    const opened = box.open(kept, id);
    if (opened === 'unreadable') return null;
    const session: unknown = JSON.parse(opened.text);
    return isTraded.Check(session) ? session : null;
  }

  return {
    /** What a code is known by; tells nothing of it. */
    idOf: (appid: string, code: string): string =>
      createHmac('sha256', hashKey)
        .update(JSON.stringify([appid, code]))
        .digest('base64url'),

    /** Fails with `store-unavailable` when it cannot be known whose the code is. */
    async claim(id: string): Promise<Claim> {
      // In this order: who is granted the claim sees what an earlier one kept before it was released.
      const { granted } = await store.reserve([{ key: claimKey(id), limit: 1, windowMs: claimMs }]);
      const session = await take(id);
      if (session === null) return granted ? 'ours' : 'elsewhere';
      if (granted) await release(id);
      return { session };
    },

    /** Keeps it for whoever repeats the code first; without the store it is lost. */
    async keep(id: string, session: TradedSession): Promise<void> {
      const leftMs = session.tradedAt + keepMs - clock();
      if (leftMs <= 0) return;
      await unlessAway(store.set(keptKey(id), box.seal(JSON.stringify(session), id), leftMs));
    },

    release,
  };
}
export type KeptSessions = ReturnType<typeof createKeptSessions>;
