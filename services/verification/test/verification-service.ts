import type { CallContext } from '@vestibule/shared/call-context';
import type { Contract, ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { AppError } from '@vestibule/shared/errors';
import { Registry } from '@vestibule/shared/metrics';
import type { GatewayParts } from '@vestibule/shared/parts';
import { logLines } from '@vestibule/shared/test/log-lines';
import fastify from 'fastify';
import type { Test } from 'tap';
import { readVerificationSettings } from '../src/config.ts';
import { verificationService } from '../src/index.ts';
import type { SmsMessage, SmsProvider } from '../src/providers/provider.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** A provider that keeps what it is given; it fails as told. */
export function recordingProvider() {
  const sent: SmsMessage[] = [];
  const provider: SmsProvider & { sent: SmsMessage[]; fault: Error | null; before: () => Promise<void> } = {
    name: 'recording',
    sent,
    fault: null,
    before: async () => {},
    async send(message) {
      await provider.before();
      if (provider.fault) throw provider.fault;
      sent.push(message);
    },
  };
  return provider;
}
export type RecordingProvider = ReturnType<typeof recordingProvider>;

type Options = {
  environment?: Record<string, string>;
  /** Null: the one that the settings name. */
  provider?: SmsProvider | null;
};

/** Runs one replica of the service on the parts until the test ends. */
export async function startVerification(
  t: Test,
  parts: GatewayParts,
  { environment = {}, provider = recordingProvider() }: Options = {},
) {
  const log = logLines();
  const metrics = new Registry();
  const app = fastify({ loggerInstance: log.logger });
  const settings = readVerificationSettings(environment);
  await app.register(verificationService, { parts, settings, metrics, ...(provider && { provider }) });
  await app.ready();
  t.teardown(() => app.close());
  return { log, metrics };
}

/** What became of a call: its reply, or the code that it failed with. */
export const outcome = <Reply>(call: Promise<Reply>): Promise<Reply | string> =>
  call.catch((error: unknown) => {
    if (error instanceof AppError) return error.code;
    throw error;
  });

/** The code and the details of a call that must fail. */
export const failure = (call: Promise<unknown>): Promise<{ code: string; retryAfterSeconds?: number }> =>
  call.then(
    () => ({ code: 'none' }),
    (error: unknown) => {
      if (error instanceof AppError) return { code: error.code, ...error.details };
      throw error;
    },
  );

/** How often each outcome came. */
export function tally(outcomes: readonly unknown[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of outcomes) {
    const name = typeof one === 'string' ? one : 'fine';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Calls over the bus, as the gateway would. */
export function client({ bus, clock }: Pick<GatewayParts, 'bus' | 'clock'>) {
  const call = <C extends Contract>(
    contract: C,
    input: RequestOf<C>,
    context: Partial<CallContext> = {},
  ): Promise<ReplyOf<C>> =>
    bus.call(contract, input, { requestId: 'a-request', deadline: clock() + 60_000, ...context });

  /** A new captcha and its answer, as DEV_ROUTES shows it. */
  async function solved({ scope = 'medicine', address = '203.0.113.7', length = 4 } = {}) {
    const { id } = await call(verificationContracts.newCaptcha, { scope, length, address });
    const { answer } = await call(verificationContracts.revealCaptcha, { id });
    return { scope, id, answer };
  }

  return {
    call,
    solved,
    newCaptcha: (input: Partial<RequestOf<typeof verificationContracts.newCaptcha>> = {}) =>
      call(verificationContracts.newCaptcha, {
        scope: 'medicine',
        length: 4,
        address: '203.0.113.7',
        ...input,
      }),
    checkCaptcha: (captcha: RequestOf<typeof verificationContracts.checkCaptcha>) =>
      call(verificationContracts.checkCaptcha, captcha),
    /** With a captcha of its own, drawn for another address, so that no limit of pictures gets in the way. */
    sendCode: async (phone: string, address = '203.0.113.7', context: Partial<CallContext> = {}) => {
      const captcha = await solved({ address: `for ${phone}` });
      return call(verificationContracts.sendCode, { phone, address, captcha }, context);
    },
    checkCode: (phone: string, code: string) => call(verificationContracts.checkCode, { phone, code }),
    spendCode: (phone: string, code: string) => call(verificationContracts.spendCode, { phone, code }),
  };
}

/** Mobile numbers, each another one. */
export const phoneNumber = (index: number) => `138${String(index).padStart(8, '0')}`;

/** A code of six digits that is not this one. */
export const otherThan = (code: string, by = 1) => String((Number(code) + by) % 1_000_000).padStart(6, '0');
