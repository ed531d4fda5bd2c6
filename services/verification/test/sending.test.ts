import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { AppError } from '@vestibule/shared/errors';
import { testGatewayParts } from '@vestibule/shared/test/parts';
import t, { type Test } from 'tap';
import { SendFault } from '../src/providers/send-fault.ts';
import {
  client,
  failure,
  outcome,
  phoneNumber,
  recordingProvider,
  startVerification,
  tally,
} from './verification-service.ts';

const phone = phoneNumber(7);
const refused = () => new AppError('sms-not-sent', {}, new SendFault('refused'));
const unanswered = () => new AppError('sms-not-sent', {}, new SendFault('timed-out'));

async function started(t: Test, environment: Record<string, string> = {}) {
  const parts = await testGatewayParts(t);
  const provider = recordingProvider();
  const { log } = await startVerification(t, parts, { environment, provider });
  return { ...client(parts), parts, provider, log };
}

t.test('a code goes to the provider with its phone, its life and the id of the request', async (t) => {
  const { sendCode, provider } = await started(t);
  t.strictSame(await sendCode(phone, '203.0.113.7', { requestId: 'request-1' }), {});
  t.strictSame(
    provider.sent.map((message) => ({ ...message, code: '' })),
    [{ phone: '13800000007', code: '', expiresInSeconds: 300, requestId: 'request-1' }],
  );
});

t.test('a code can be checked before the provider has answered', async (t) => {
  const { sendCode, checkCode, provider } = await started(t);
  const reached = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  provider.before = () => {
    reached.resolve();
    return answer.promise;
  };
  const sending = sendCode(phone);
  await reached.promise;
  t.equal(await outcome(checkCode(phone, 'no')), 'code-wrong');
  answer.resolve();
  t.strictSame(await sending, {});
});

t.test('without a right captcha nothing is sent and nothing is counted', async (t) => {
  const { call, solved, sendCode, provider } = await started(t);
  const captcha = await solved();
  const send = (answer: string) =>
    call(verificationContracts.sendCode, {
      phone,
      address: '203.0.113.7',
      captcha: { ...captcha, answer },
    });
  t.equal(await outcome(send('BBBB')), 'captcha-wrong');
  t.equal(await outcome(send(captcha.answer)), 'captcha-unknown');
  t.strictSame(provider.sent, []);
  t.strictSame(await sendCode(phone), {});
});

t.test('the captcha is spent by a send that a limit refuses', async (t) => {
  const { call, solved, sendCode, checkCaptcha } = await started(t);
  await sendCode(phone);
  const captcha = await solved();
  const send = call(verificationContracts.sendCode, { phone, address: '203.0.113.7', captcha });
  t.equal(await outcome(send), 'rate-limited');
  t.equal(await outcome(checkCaptcha(captcha)), 'captcha-unknown');
});

t.test('with SMS_ENABLED off nothing is sent, and the captcha is looked at first', async (t) => {
  const { call, solved, sendCode, provider, checkCode } = await started(t, { SMS_ENABLED: 'false' });
  t.equal(await outcome(sendCode(phone)), 'sms-not-sent');
  const captcha = { ...(await solved()), answer: 'BBBB' };
  const send = call(verificationContracts.sendCode, { phone, address: '203.0.113.7', captcha });
  t.equal(await outcome(send), 'captcha-wrong');
  t.strictSame(provider.sent, []);
  t.equal(await outcome(checkCode(phone, '123456')), 'code-unknown');
});

t.test('what the provider refuses is not counted and leaves no code', async (t) => {
  const limits = { SMS_PER_PHONE: '1/60', SMS_PER_ADDRESS: '1/60', SMS_DAILY_BUDGET: '1' };
  const { sendCode, checkCode, provider } = await started(t, limits);
  provider.fault = refused();
  for (let round = 0; round < 3; round += 1) t.equal(await outcome(sendCode(phone)), 'sms-not-sent');
  t.equal(await outcome(checkCode(phone, '123456')), 'code-unknown');
  provider.fault = null;
  t.strictSame(await sendCode(phone), {});
  t.equal(await outcome(sendCode(phone)), 'rate-limited');
});

t.test('what is given back is given back once: a limit of three is three again', async (t) => {
  const { sendCode, provider } = await started(t, { SMS_PER_PHONE: '3/60' });
  await sendCode(phone);
  provider.fault = refused();
  await outcome(sendCode(phone));
  await outcome(sendCode(phone));
  provider.fault = null;
  const outcomes: unknown[] = [];
  for (let round = 0; round < 4; round += 1) outcomes.push(await outcome(sendCode(phone)));
  t.strictSame(tally(outcomes), { fine: 2, 'rate-limited': 2 });
});

t.test('an SMS whose fate nobody knows stays on the budget, and on no other limit', async (t) => {
  const { sendCode, provider } = await started(t, { SMS_DAILY_BUDGET: '2' });
  provider.fault = unanswered();
  t.equal(await outcome(sendCode(phone)), 'sms-not-sent');
  provider.fault = null;
  t.strictSame(await sendCode(phone), {});
  t.equal((await failure(sendCode(phoneNumber(8)))).code, 'rate-limited');
});

t.test('a failed send leaves the code alone that a later send has put in place', async (t) => {
  const { sendCode, checkCode, provider } = await started(t, { LIMITS: 'off' });
  const reached = Promise.withResolvers<void>();
  const fail = Promise.withResolvers<void>();
  provider.before = () => {
    reached.resolve();
    return fail.promise;
  };
  const first = outcome(sendCode(phone));
  await reached.promise;
  provider.before = async () => {};
  await sendCode(phone);
  fail.reject(refused());
  t.equal(await first, 'sms-not-sent');
  t.strictSame(await checkCode(phone, provider.sent[0]?.code ?? ''), {});
});

t.test('a fault of the provider that nobody foresaw is ours, and is not counted either', async (t) => {
  const { sendCode, provider } = await started(t);
  provider.fault = new TypeError('a bug');
  t.equal(await outcome(sendCode(phone)), 'internal');
  provider.fault = null;
  t.strictSame(await sendCode(phone), {});
});

t.test('500 sends for one phone at once, on two replicas: one SMS', async (t) => {
  const parts = await testGatewayParts(t);
  const provider = recordingProvider();
  const environment = { CAPTCHA_QUEUE: '1000' };
  await startVerification(t, parts, { environment, provider });
  await startVerification(t, parts, { environment, provider });
  const { call, solved } = client(parts);
  const captchas = await Promise.all(
    Array.from({ length: 500 }, (_, index) => solved({ address: `address ${index}` })),
  );
  const outcomes = await Promise.all(
    captchas.map((captcha, index) =>
      outcome(call(verificationContracts.sendCode, { phone, address: `address ${index}`, captcha })),
    ),
  );
  t.strictSame(tally(outcomes), { fine: 1, 'rate-limited': 499 });
  t.equal(provider.sent.length, 1);
});

t.test(
  '500 sends for many phones from one address at once: as many SMS as the address may have',
  async (t) => {
    const parts = await testGatewayParts(t);
    const provider = recordingProvider();
    await startVerification(t, parts, { provider });
    await startVerification(t, parts, { provider });
    const { sendCode } = client(parts);
    const outcomes: unknown[] = [];
    for (let round = 0; round < 5; round += 1) {
      const batch = Array.from({ length: 100 }, (_, index) =>
        outcome(sendCode(phoneNumber(round * 100 + index))),
      );
      outcomes.push(...(await Promise.all(batch)));
    }
    t.strictSame(tally(outcomes), { fine: 20, 'address-limited': 480 });
    t.equal(provider.sent.length, 20);
  },
);
