import type { Clock } from '@vestibule/shared/call-context';
import { AppError } from '@vestibule/shared/errors';
import type { Logger } from '@vestibule/shared/logger';
import { createExchange, type ProviderAnswer, type ProviderRequest } from './exchange.ts';
import type { SmsMessage, SmsProvider } from './provider.ts';
import { SendFault } from './send-fault.ts';

/** What an answer says. */
export type Verdict = {
  taken: boolean;
  /** The provider's word for it, e.g. `Ok` or `isv.BUSINESS_LIMIT_CONTROL`. */
  code: string;
  /** What the provider calls the request. */
  requestId?: string | undefined;
};

/** What differs between the providers that are reached over HTTP. */
export type Adapter = {
  readonly name: string;
  /** The request that sends one SMS, signed. */
  compose(message: SmsMessage): ProviderRequest;
  /** What the answer says; null when it is not in the provider's form. */
  judge(answer: ProviderAnswer): Promise<Verdict | null>;
  /** With this code the provider refuses to do again what it has just done. */
  readonly repeatCode?: string;
};

/** Codes and ids are words of the provider's vocabulary: what looks otherwise stays out of the log. */
const fit = (pattern: RegExp, text: string | undefined) =>
  text !== undefined && pattern.test(text) ? text : undefined;
const fitCode = (text: string) => fit(/^[A-Za-z][A-Za-z0-9._-]{0,127}$/, text);
const fitRequestId = (text: string | undefined) =>
  fit(/^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/, text);

/** A provider behind HTTP: one log line for each SMS, and every way to fail as `sms-not-sent`. */
export function httpProvider(
  adapter: Adapter,
  { timeoutMs, clock, logger }: { timeoutMs: number; clock: Clock; logger: Logger },
): SmsProvider {
  const exchange = createExchange({ timeoutMs, clock });

  /** Throws a SendFault unless the provider took the SMS, now or at the first try. */
  async function settle(answer: ProviderAnswer) {
    const { status, repeated } = answer;
    const verdict = await adapter.judge(answer);
    if (verdict === null) throw new SendFault('answer-unusable', { status });
    const facts = {
      status,
      providerCode: fitCode(verdict.code),
      providerRequestId: fitRequestId(verdict.requestId),
    };
    const takenBefore = repeated && verdict.code === adapter.repeatCode;
    if (!verdict.taken && !takenBefore) throw new SendFault('refused', facts);
    return { ...facts, repeated };
  }

  return {
    name: adapter.name,
    async send(message, { deadline }) {
      const { requestId, phone } = message;
      const about = { provider: adapter.name, requestId, phoneEnd: phone.slice(-2) };
      try {
        const facts = await exchange(adapter.compose(message), deadline, settle);
        logger.info({ ...about, ...facts }, 'the provider took the SMS');
      } catch (error) {
        if (!(error instanceof SendFault)) throw error;
        const { reason, facts, maybeSent } = error;
        logger.warn({ ...about, reason, ...facts, maybeSent }, 'no SMS sent');
        throw new AppError('sms-not-sent', {}, error);
      }
    },
  };
}
