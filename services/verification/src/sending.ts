import type { Handler } from '@vestibule/shared/bus/bus';
import type { CallContext, Clock } from '@vestibule/shared/call-context';
import type { verificationContracts } from '@vestibule/shared/contracts/verification';
import { AppError, codeOf } from '@vestibule/shared/errors';
import type { Logger } from '@vestibule/shared/logger';
import type { Alarms } from './alarms.ts';
import type { Captchas } from './captchas.ts';
import type { Codes, IssuedCode } from './codes.ts';
import type { Policy, Reserved } from './policy.ts';
import type { SmsProvider } from './providers/provider.ts';
import { mayHaveBeenSent } from './providers/send-fault.ts';
import type { Refusals } from './refusals.ts';

type Send = Handler<(typeof verificationContracts)['sendCode']>;

/** Sends codes: captcha, policy, code, provider, in this order, and takes back what a failed send had taken. */
export function createSending({
  captchas,
  policy,
  alarms,
  codes,
  provider,
  refusals,
  clock,
  logger,
  codeTtlMs,
  countSent,
}: {
  captchas: Captchas;
  policy: Policy;
  alarms: Alarms;
  codes: Codes;
  provider: SmsProvider;
  refusals: Refusals;
  clock: Clock;
  logger: Logger;
  codeTtlMs: number;
  countSent: () => void;
}) {
  async function undo(reserved: Reserved, issued: IssuedCode | null, error: unknown): Promise<void> {
    const maybeSent = mayHaveBeenSent(error);
    const undone = await Promise.allSettled([policy.giveBack(reserved, { maybeSent }), issued?.withdraw()]);
    for (const result of undone) {
      if (result.status === 'fulfilled') continue;
      logger.warn({ err: result.reason }, 'an SMS that was not sent was not taken back whole');
    }
  }

  /** Either the provider takes the SMS, or nothing is left of it: no count, no code. */
  async function sendReserved(phone: string, { deadline, requestId }: CallContext, reserved: Reserved) {
    let issued: IssuedCode | null = null;
    try {
      [issued] = await Promise.all([codes.issue(phone), alarms.watch(phone)]);
      if (clock() >= deadline) throw new AppError('deadline-passed');
      const message = { phone, code: issued.code, expiresInSeconds: codeTtlMs / 1000, requestId };
      await provider.send(message, { deadline });
    } catch (error) {
      await undo(reserved, issued, error);
      if (codeOf(error) !== 'sms-not-sent') throw error;
      throw refusals.refuse('sms-provider', { requestId, phone, cause: error });
    }
  }

  const send: Send = async ({ phone, address, captcha }, context) => {
    const { requestId } = context;
    try {
      await captchas.check(captcha, context);
      const reserved = await policy.reserve({ phone, address, requestId });
      await sendReserved(phone, context, reserved);
    } catch (error) {
      if (codeOf(error) !== 'store-unavailable') throw error;
      throw refusals.refuse('sms-store', { requestId, phone, cause: error });
    }
    countSent();
    return {};
  };
  return { send };
}
export type Sending = ReturnType<typeof createSending>;
