import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { AppError } from '@vestibule/shared/errors';
import type { Registry } from '@vestibule/shared/metrics';
import { logLines } from '@vestibule/shared/test/log-lines';
import { testGatewayParts } from '@vestibule/shared/test/parts';
import t, { type Test } from 'tap';
import { SendFault } from '../src/providers/send-fault.ts';
import { createRefusals, type RefusalReason } from '../src/refusals.ts';
import {
  client,
  otherThan,
  outcome,
  phoneNumber,
  recordingProvider,
  startVerification,
} from './verification-service.ts';

const phone = '13912345678';

async function started(t: Test, environment: Record<string, string> = {}) {
  const parts = await testGatewayParts(t);
  const provider = recordingProvider();
  const { log, metrics } = await startVerification(t, parts, { environment, provider });
  return { ...client(parts), provider, log, metrics };
}

/** The samples of a metric as `/metrics` shows them. */
async function samples(metrics: Registry, name: string): Promise<string[]> {
  const text = await metrics.metrics();
  return text.split('\n').filter((line) => line.startsWith(name));
}

t.test('each refusal is counted by its reason', async (t) => {
  const { sendCode, checkCode, spendCode, newCaptcha, solved, checkCaptcha, provider, metrics } =
    await started(t, { CAPTCHA_PER_MINUTE: '4', SMS_PER_ADDRESS: '2/3600', SMS_DAILY_BUDGET: '3' });
  provider.fault = new AppError('sms-not-sent', {}, new SendFault('refused'));
  await outcome(sendCode(phone));
  provider.fault = null;
  await sendCode(phone);
  await outcome(sendCode(phone));
  await sendCode(phoneNumber(2));
  await outcome(sendCode(phoneNumber(3)));
  await sendCode(phoneNumber(3), '203.0.113.8');
  await outcome(sendCode(phoneNumber(4), '203.0.113.9'));
  const captcha = await solved({ address: 'a' });
  await outcome(checkCaptcha({ ...captcha, answer: 'BBBB' }));
  await outcome(checkCaptcha(captcha));
  await outcome(checkCaptcha(captcha));
  for (let index = 0; index < 5; index += 1) await outcome(newCaptcha({ address: 'b' }));
  await outcome(spendCode(phoneNumber(5), '123456'));
  const wrong = otherThan(provider.sent[0]?.code ?? '');
  for (let index = 0; index < 7; index += 1) await outcome(checkCode(phone, wrong));
  t.strictSame((await samples(metrics, 'vestibule_verification_refusals_total')).sort(), [
    'vestibule_verification_refusals_total{reason="captcha-address"} 1',
    'vestibule_verification_refusals_total{reason="captcha-unknown"} 2',
    'vestibule_verification_refusals_total{reason="captcha-wrong"} 1',
    'vestibule_verification_refusals_total{reason="code-tries"} 2',
    'vestibule_verification_refusals_total{reason="code-unknown"} 1',
    'vestibule_verification_refusals_total{reason="code-wrong"} 5',
    'vestibule_verification_refusals_total{reason="sms-address"} 1',
    'vestibule_verification_refusals_total{reason="sms-budget"} 1',
    'vestibule_verification_refusals_total{reason="sms-phone"} 1',
    'vestibule_verification_refusals_total{reason="sms-provider"} 1',
  ]);
  t.strictSame(await samples(metrics, 'vestibule_sms'), [
    'vestibule_sms_sent_total 3',
    'vestibule_sms_prefix_alarms_total 0',
    'vestibule_sms_budget_used 3',
    'vestibule_sms_budget_limit 3',
  ]);
});

t.test('SMS that are switched off are counted and logged', async (t) => {
  const { sendCode, metrics, log } = await started(t, { SMS_ENABLED: 'false' });
  await outcome(sendCode(phone));
  t.strictSame(await samples(metrics, 'vestibule_verification_refusals_total'), [
    'vestibule_verification_refusals_total{reason="sms-disabled"} 1',
  ]);
  t.match(log.text(), 'SMS_ENABLED is off: no SMS is sent');
});

t.test('a refusal is logged with its reason and the request, never with the phone or a code', async (t) => {
  const { sendCode, checkCode, provider, log } = await started(t);
  await sendCode(phone, '203.0.113.7', { requestId: 'request-1' });
  log.clear();
  await outcome(sendCode(phone, '203.0.113.7', { requestId: 'request-2' }));
  t.match(log.lines(), [
    { level: 'info', msg: 'refused', reason: 'sms-phone', requestId: 'request-2', phoneEnd: /^78$/ },
  ]);
  const code = provider.sent[0]?.code ?? 'none';
  const wrong = otherThan(code);
  await checkCode(phone, code);
  for (let index = 0; index < 6; index += 1) await outcome(checkCode(phone, wrong));
  provider.fault = new AppError('sms-not-sent', {}, new SendFault('refused'));
  await outcome(sendCode('13998765432'));
  for (const canary of [phone, '13998765432', code, wrong]) t.notMatch(log.text(), canary);
});

t.test('a refusal says its code, its cause, and in whole seconds when a repeat makes sense', async (t) => {
  const counted: RefusalReason[] = [];
  const log = logLines();
  const { refuse } = createRefusals({ logger: log.logger, count: (reason) => counted.push(reason) });
  const cause = new Error('a cause');
  const plain = refuse('captcha-wrong', { requestId: 'request-1', cause });
  t.strictSame([plain.code, plain.details, plain.cause], ['captcha-wrong', {}, cause]);
  t.strictSame(
    [1, 1000, 1001, 59_001].map(
      (retryAfterMs) => refuse('sms-address', { requestId: 'request-1', retryAfterMs }).details,
    ),
    [{ retryAfterSeconds: 1 }, { retryAfterSeconds: 1 }, { retryAfterSeconds: 2 }, { retryAfterSeconds: 60 }],
  );
  t.strictSame(refuse('sms-phone', { requestId: 'request-1', retryAfterMs: 0 }).details, {
    retryAfterSeconds: 1,
  });
  t.strictSame(counted, ['captcha-wrong', ...Array(4).fill('sms-address'), 'sms-phone']);
  t.notMatch(log.text(), 'phoneEnd');
});

t.test('every refusal of a captcha or a code is logged with its request', async (t) => {
  const { call, solved, sendCode, checkCode, provider, log } = await started(t);
  const refusals = () =>
    log
      .text()
      .split('\n')
      .filter((line) => line.includes('"msg":"refused"'))
      .map((line) => {
        const { reason, requestId, phoneEnd } = JSON.parse(line);
        return [reason, requestId, phoneEnd];
      });
  const { checkCaptcha, spendCode } = verificationContracts;
  const captcha = await solved();
  const asked = (requestId: string) => ({ requestId });
  await outcome(call(checkCaptcha, { ...captcha, answer: 'BBBB' }, asked('request-1')));
  await outcome(call(checkCaptcha, captcha, asked('request-2')));
  await outcome(call(spendCode, { phone, code: '123456' }, asked('request-3')));
  await sendCode(phone);
  const code = provider.sent[0]?.code ?? '';
  await outcome(call(spendCode, { phone, code: otherThan(code) }, asked('request-4')));
  await checkCode(phone, code);
  await Promise.all(
    ['request-5', 'request-6'].map((id) => outcome(call(spendCode, { phone, code }, asked(id)))),
  );
  t.strictSame(refusals().slice(0, 4), [
    ['captcha-wrong', 'request-1', undefined],
    ['captcha-unknown', 'request-2', undefined],
    ['code-unknown', 'request-3', '78'],
    ['code-wrong', 'request-4', '78'],
  ]);
  t.match(refusals().slice(4), [['code-unknown', /^request-[56]$/, '78']]);
});
