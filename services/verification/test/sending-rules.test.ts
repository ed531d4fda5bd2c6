import type { CallContext } from '@vestibule/shared/call-context';
import { AppError } from '@vestibule/shared/errors';
import { logLines } from '@vestibule/shared/test/log-lines';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import t from 'tap';
import type { Reserved } from '../src/policy.ts';
import { SendFault } from '../src/providers/send-fault.ts';
import { createRefusals } from '../src/refusals.ts';
import { createSending } from '../src/sending.ts';
import { failure } from './verification-service.ts';

const context: CallContext = { requestId: 'a-request', deadline: 1_800_000_005_000 };
const captcha = { scope: 'medicine', id: 'a-captcha', answer: 'ACDE' };
const request = { phone: '13800000001', address: '203.0.113.7', captcha };
const reserved: Reserved = [{ key: 'a-key', limit: 1, windowMs: 1000, reason: 'sms-phone' }];
const refusedBy = (reason: 'refused' | 'timed-out') =>
  new AppError('sms-not-sent', {}, new SendFault(reason));

type Step = 'captcha' | 'reserve' | 'issue' | 'watch' | 'provider' | 'giveBack' | 'withdraw';

/** A send of which each step is noted; those of `faults` fail, and `slow` passes the deadline. */
function sending(faults: Partial<Record<Step, Error>> = {}, slow?: Step) {
  const steps: unknown[][] = [];
  const clock = movableClock(1_800_000_000_000);
  const log = logLines();
  async function step(name: Step, ...given: unknown[]): Promise<void> {
    steps.push([name, ...given]);
    if (name === slow) clock.advance(5000);
    const fault = faults[name];
    if (fault) throw fault;
  }
  const { send } = createSending({
    captchas: {
      create: () => Promise.reject(new Error('nobody asked for a captcha')),
      async check(given) {
        await step('captcha', given);
        return {};
      },
    },
    policy: {
      async reserve(sms) {
        await step('reserve', sms);
        return reserved;
      },
      giveBack: (given, how) => step('giveBack', given, how),
    },
    alarms: { watch: (phone) => step('watch', phone) },
    codes: {
      async issue(phone) {
        await step('issue', phone);
        return { code: '123456', withdraw: () => step('withdraw') };
      },
      check: async () => ({}),
      spend: async () => ({}),
    },
    provider: { name: 'noting', send: (message, options) => step('provider', message, options) },
    refusals: createRefusals({ logger: log.logger, count: (reason) => steps.push(['refused', reason]) }),
    clock,
    logger: log.logger,
    codeTtlMs: 300_000,
    countSent: () => steps.push(['sent']),
  });
  const lines = () => log.lines();
  return { send: () => send(request, context), names: () => steps.map(([name]) => name), steps, lines };
}

t.test('captcha, policy, code and provider come in this order', async (t) => {
  const { send, steps, lines } = sending();
  t.strictSame(await send(), {});
  t.strictSame(steps, [
    ['captcha', captcha],
    ['reserve', { phone: '13800000001', address: '203.0.113.7', requestId: 'a-request' }],
    ['issue', '13800000001'],
    ['watch', '13800000001'],
    [
      'provider',
      { phone: '13800000001', code: '123456', expiresInSeconds: 300, requestId: 'a-request' },
      { deadline: 1_800_000_005_000 },
    ],
    ['sent'],
  ]);
  t.strictSame(lines(), []);
});

t.test('what the captcha or the policy refuses goes no further', async (t) => {
  const captchaWrong = sending({ captcha: new AppError('captcha-wrong') });
  t.match(await failure(captchaWrong.send()), { code: 'captcha-wrong' });
  t.strictSame(captchaWrong.names(), ['captcha']);
  const limited = sending({ reserve: new AppError('rate-limited', { retryAfterSeconds: 60 }) });
  t.strictSame(await failure(limited.send()), { code: 'rate-limited', retryAfterSeconds: 60 });
  t.strictSame(limited.names(), ['captcha', 'reserve']);
});

t.test('what the provider did not take is taken back, and counted as its refusal', async (t) => {
  for (const [reason, maybeSent] of [
    ['refused', false],
    ['timed-out', true],
  ] as const) {
    const { send, steps, lines } = sending({ provider: refusedBy(reason) });
    t.strictSame(await failure(send()), { code: 'sms-not-sent' });
    t.strictSame(steps.slice(5), [
      ['giveBack', reserved, { maybeSent }],
      ['withdraw'],
      ['refused', 'sms-provider'],
    ]);
    t.match(lines(), [{ level: 'info', reason: 'sms-provider', requestId: 'a-request', phoneEnd: /^01$/ }]);
  }
});

t.test('past its deadline nothing is sent, and nothing is left of it', async (t) => {
  const { send, names } = sending({}, 'issue');
  t.strictSame(await failure(send()), { code: 'deadline-passed' });
  t.strictSame(names(), ['captcha', 'reserve', 'issue', 'watch', 'giveBack', 'withdraw']);
});

t.test('a fault that nobody foresaw is passed on, and nothing is left of the send', async (t) => {
  const fault = new TypeError('a bug');
  const { send, names } = sending({ provider: fault });
  await t.rejects(send(), fault);
  t.strictSame(names().slice(5), ['giveBack', 'withdraw']);
});

t.test('where no code could be made the reservation is given back', async (t) => {
  const { send, steps } = sending({ issue: new AppError('store-unavailable') });
  t.strictSame(await failure(send()), { code: 'store-unavailable' });
  t.strictSame(steps.slice(4), [
    ['giveBack', reserved, { maybeSent: false }],
    ['refused', 'sms-store'],
  ]);
});

t.test('without the store nothing is sent, and it is counted as the store’s fault', async (t) => {
  for (const step of ['captcha', 'reserve'] as const) {
    const { send, names, lines } = sending({ [step]: new AppError('store-unavailable') });
    t.strictSame(await failure(send()), { code: 'store-unavailable' });
    t.strictSame(names().slice(-2), [step, 'refused']);
    t.match(lines(), [{ reason: 'sms-store', requestId: 'a-request', phoneEnd: /^01$/ }]);
  }
});

t.test('what could not be taken back is said in the log, and the answer stays', async (t) => {
  const away = new AppError('store-unavailable');
  const { send, lines } = sending({ provider: refusedBy('refused'), giveBack: away, withdraw: away });
  t.strictSame(await failure(send()), { code: 'sms-not-sent' });
  t.match(lines(), [
    { level: 'warn', err: { code: 'store-unavailable' } },
    { level: 'warn', err: { code: 'store-unavailable' } },
    { level: 'info', reason: 'sms-provider' },
  ]);
});
