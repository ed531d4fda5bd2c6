import type { CallContext } from '@vestibule/shared/call-context';
import { AppError, codeOf, commonErrorCodes, type ErrorCode } from '@vestibule/shared/errors';
import type { Logger } from '@vestibule/shared/logger';
import type { WeChatApp } from './wechat-apps.ts';
import type { WeChatSession } from './wechat-client.ts';
import type { Exchanges } from './wechat-exchanges.ts';
import type { KeptSessions } from './wechat-kept-sessions.ts';

/** What a mini-program sends: the code, and its own id where it is not the default one's. */
type Code = { code: string; appid?: string | undefined };

/** Whose code it was, and in which mini-program. */
export type Proof = WeChatSession & { appid: string };

/** Lets login codes prove openids. */
export type WeChat = {
  /**
   * Trades the code, and does `use` with what it proves. The code is spent unless `use` fails by a fault of
   * ours: then a repeat finds what was proved. Fails with `wechat-refused`, with
   * `wechat-unavailable`, and as `use` does.
   */
  prove<Result>(code: Code, context: CallContext, use: (proof: Proof) => Promise<Result>): Promise<Result>;
};

const ours: ReadonlySet<ErrorCode> = new Set(commonErrorCodes);

/** `apps`: the mini-programs that are served, the default one first. */
export function createWeChat({
  apps,
  exchanges,
  kept,
  logger,
}: {
  apps: readonly WeChatApp[];
  exchanges: Pick<Exchanges, 'sessionOf'>;
  kept: Pick<KeptSessions, 'idOf' | 'keep'>;
  logger: Logger;
}): WeChat {
  function appOf(appid: string | undefined, requestId: string): WeChatApp {
    const [standard] = apps;
    if (standard === undefined) {
      logger.error({ requestId }, 'WECHAT_APPID and WECHAT_SECRET are not set: no code can be traded');
      throw new AppError('wechat-unavailable');
    }
    // Of an app that is not ours WeChat refuses the code itself; tools for developers name one of their own.
    return apps.find((one) => one.appid === appid) ?? standard;
  }

  return {
    async prove({ code, appid: given }, context, use) {
      const app = appOf(given, context.requestId);
      const { appid } = app;
      const id = kept.idOf(appid, code);
      const traded = await exchanges.sessionOf(id, { app, code }, context);
      const { openid, sessionKey, unionid } = traded;
      try {
        return await use({ appid, openid, sessionKey, unionid });
      } catch (error) {
        if (ours.has(codeOf(error))) await kept.keep(id, traded);
        throw error;
      }
    },
  };
}
