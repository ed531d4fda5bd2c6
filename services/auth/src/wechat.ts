import type { CallContext, Clock } from '@vestibule/shared/call-context';
import { storableText } from '@vestibule/shared/contracts/account';
import { AppError } from '@vestibule/shared/errors';
import type { Logger } from '@vestibule/shared/logger';
import { Type, TypeCompiler } from '@vestibule/shared/schema';

/** Trades login codes for openids. Fails with `wechat-refused` and `wechat-unavailable`. */
export type WeChat = { openidOf(code: string, context: CallContext): Promise<string> };

/** Nothing that WeChat answers here is longer than some hundred bytes. */
const longestAnswer = 65_536;

const ErrorAnswer = Type.Object({ errcode: Type.Integer() });
const SessionAnswer = Type.Object({
  openid: Type.String({ minLength: 1, maxLength: 128, pattern: storableText }),
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

/** The client of `sns/jscode2session`. The session key in the answer is neither kept nor passed on. */
export function createWeChat({
  base,
  appid,
  secret,
  timeoutMs,
  clock,
  logger,
}: {
  /** `WECHAT_API_BASE`, with or without a slash at its end. */
  base: string;
  appid: string | undefined;
  secret: string | undefined;
  timeoutMs: number;
  clock: Clock;
  logger: Logger;
}): WeChat {
  const endpoint = `${base.replace(/\/+$/, '')}/sns/jscode2session`;

  /** Messages of what fails here may name the URL, and with it secret and code: they are not passed on. */
  async function ask(code: string, { deadline, requestId }: CallContext): Promise<unknown> {
    if (appid === undefined || secret === undefined) {
      logger.error({ requestId }, 'WECHAT_APPID and WECHAT_SECRET are not set: no code can be traded');
      throw new AppError('wechat-unavailable');
    }
    const query = new URLSearchParams({
      appid,
      secret,
      js_code: code,
      grant_type: 'authorization_code',
    });
    const waitMs = Math.min(timeoutMs, deadline - clock());
    if (waitMs <= 0) throw new AppError('deadline-passed');
    try {
      const response = await fetch(`${endpoint}?${query}`, {
        redirect: 'error',
        signal: AbortSignal.timeout(waitMs),
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return JSON.parse(await boundedText(response));
    } catch (error) {
      const reason = error instanceof Error ? error.name : 'unknown';
      logger.warn({ requestId, reason }, 'WeChat gave no answer that can be read');
      throw new AppError('wechat-unavailable');
    }
  }

  function openidIn(answer: unknown, { requestId }: CallContext): string {
    if (isError.Check(answer) && answer.errcode !== 0) {
      const { errcode } = answer;
      if (refusals.has(errcode)) throw new AppError('wechat-refused');
      logger.warn({ requestId, errcode }, 'WeChat could not trade a code');
      throw new AppError('wechat-unavailable');
    }
    if (isSession.Check(answer)) return answer.openid;
    logger.warn({ requestId }, 'WeChat answered something else than a session');
    throw new AppError('wechat-unavailable');
  }

  return {
    async openidOf(code, context) {
      const first = await ask(code, context);
      const busy = isError.Check(first) && first.errcode === systemBusy;
      return openidIn(busy ? await ask(code, context) : first, context);
    },
  };
}
