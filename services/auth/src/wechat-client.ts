import { storableText } from '@vestibule/shared/contracts/account';
import { AppError } from '@vestibule/shared/errors';
import type { Logger } from '@vestibule/shared/logger';
import { type Static, Type, TypeCompiler } from '@vestibule/shared/schema';
import type { WeChatApp } from './wechat-apps.ts';

/** What a login code proves. The session key opens data that WeChat encrypted for this app and user alone. */
export const WeChatSession = Type.Object({
  openid: Type.String({ minLength: 1, maxLength: 128, pattern: storableText }),
  /** Base64; null when WeChat gave none. */
  sessionKey: Type.Union([Type.String(), Type.Null()]),
  /** The same person in all apps of one owner; null when WeChat gave none. */
  unionid: Type.Union([Type.String({ minLength: 1, maxLength: 128, pattern: storableText }), Type.Null()]),
});
export type WeChatSession = Static<typeof WeChatSession>;

/** Trades a code at WeChat. Fails with `wechat-refused` and `wechat-unavailable`; `signal` ends it. */
export type WeChatClient = (
  app: WeChatApp,
  code: string,
  options: { requestId: string; signal: AbortSignal },
) => Promise<WeChatSession>;

/** Nothing that WeChat answers here is longer than some hundred bytes. */
const longestAnswer = 65_536;

const ErrorAnswer = Type.Object({ errcode: Type.Integer() });
const SessionAnswer = Type.Object({
  openid: WeChatSession.properties.openid,
  session_key: Type.Optional(Type.String({ maxLength: 128 })),
  unionid: Type.Optional(Type.String({ maxLength: 128, pattern: storableText })),
});
const isError = TypeCompiler.Compile(ErrorAnswer);
const isSession = TypeCompiler.Compile(SessionAnswer);

/** What WeChat says of the code, the user's fault; all else is its own, or our configuration's. */
const refusals = new Set([
  40029, // no such code
  40163, // used before
  40226, // a user whom WeChat blocks
  41008, // no code at all
]);
/** WeChat's own word for "try again". */
const systemBusy = -1;
/** A user's codes are traded 100 times a minute at most. */
const tooOften = 45011;
const tooOftenSeconds = 60;

/** Reads a body up to its bound; longer ones are an error before they are read to their end. */
async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > longestAnswer) throw new Error('the answer is too long');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The client of `sns/jscode2session`. `base` is `WECHAT_API_BASE`, with or without a slash at its end. */
export function createWeChatClient({ base, logger }: { base: string; logger: Logger }): WeChatClient {
  const endpoint = `${base.replace(/\/+$/, '')}/sns/jscode2session`;

  return async ({ appid, secret }, code, { requestId, signal }) => {
    const query = new URLSearchParams({ appid, secret, js_code: code, grant_type: 'authorization_code' });

    /** Messages of what fails here may name the URL, and with it secret and code: they are not passed on. */
    async function ask(): Promise<unknown> {
      try {
        const response = await fetch(`${endpoint}?${query}`, { redirect: 'error', signal });
        if (!response.ok) throw new Error(`status ${response.status}`);
        return JSON.parse(await boundedText(response));
      } catch (error) {
        const reason = error instanceof Error ? error.name : 'unknown';
        logger.warn({ requestId, reason }, 'WeChat gave no answer that can be read');
        throw new AppError('wechat-unavailable');
      }
    }

    const first = await ask();
    const busy = isError.Check(first) && first.errcode === systemBusy;
    const answer = busy ? await ask() : first;
    if (isError.Check(answer) && answer.errcode !== 0) {
      const { errcode } = answer;
      if (refusals.has(errcode)) throw new AppError('wechat-refused');
      logger.warn({ requestId, errcode }, 'WeChat could not trade a code');
      const details = errcode === tooOften ? { retryAfterSeconds: tooOftenSeconds } : {};
      throw new AppError('wechat-unavailable', details);
    }
    if (!isSession.Check(answer)) {
      logger.warn({ requestId }, 'WeChat answered something else than a session');
      throw new AppError('wechat-unavailable');
    }
    const { openid, session_key: sessionKey = null, unionid } = answer;
    return { openid, sessionKey, unionid: unionid || null };
  };
}
