import type { Clock } from '@vestibule/shared/call-context';
import { derivedKey } from '@vestibule/shared/derived-key';
import type { Logger } from '@vestibule/shared/logger';
import type { Store } from '@vestibule/shared/store/store';
import { createWorkQueue } from '@vestibule/shared/work-queue';
import type { AuthSettings } from './config.ts';
import { createSecretBox } from './secret-box.ts';
import { createWeChat, type WeChat } from './wechat.ts';
import { createWeChatClient } from './wechat-client.ts';
import { createExchanges } from './wechat-exchanges.ts';
import { createKeptSessions } from './wechat-kept-sessions.ts';

/** Codes that may wait for their turn, for each exchange under way. */
const queuedPerExchange = 16;
/** A claim outlives the wait for its turn and the exchange itself by this. */
const claimMarginMs = 1000;

/** The way to WeChat that the settings ask for; `stop` ends what nobody waits for any more. */
export function openWeChat({
  settings,
  secret,
  store,
  clock,
  logger,
}: {
  settings: AuthSettings;
  /** What the keys of hashes and seals are derived from. */
  secret: string;
  store: Store;
  clock: Clock;
  logger: Logger;
}): WeChat & { stop(): Promise<void> } {
  const { WECHAT_CONCURRENCY: concurrency } = settings;
  const waitMs = settings.WECHAT_TIMEOUT_MS;
  const exchangeMs = settings.WECHAT_EXCHANGE_MS;
  const kept = createKeptSessions({
    store,
    box: createSecretBox(secret, 'wechat-sessions'),
    hashKey: derivedKey(secret, 'auth/wechat-codes'),
    keepMs: settings.WECHAT_KEEP_SECONDS * 1000,
    claimMs: waitMs + exchangeMs + claimMarginMs,
    clock,
    logger,
  });
  const exchanges = createExchanges({
    trade: createWeChatClient({ base: settings.WECHAT_API_BASE, logger }),
    kept,
    queue: createWorkQueue({ concurrency, queue: concurrency * queuedPerExchange, clock }),
    waitMs,
    exchangeMs,
    clock,
  });
  const wechat = createWeChat({ apps: settings.wechatApps, exchanges, kept, logger });
  return { ...wechat, stop: exchanges.stop };
}
