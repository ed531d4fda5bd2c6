import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { testGatewayParts } from '@vestibule/shared/test/parts';
import t, { type Test } from 'tap';
import { client, outcome, phoneNumber, startVerification } from './verification-service.ts';

const { revealCaptcha, revealCode, sendCode } = verificationContracts;
const phone = phoneNumber(3);

async function started(t: Test, environment: Record<string, string> = {}) {
  const parts = await testGatewayParts(t);
  await startVerification(t, parts, { environment, provider: null });
  return client(parts);
}

t.test('in development a captcha is shown until it is spent', async (t) => {
  const { newCaptcha, checkCaptcha, call } = await started(t);
  await newCaptcha({ id: 'a-uuid' });
  const { answer } = await call(revealCaptcha, { id: 'a-uuid' });
  t.strictSame(await call(revealCaptcha, { id: 'a-uuid' }), { answer });
  await checkCaptcha({ scope: 'medicine', id: 'a-uuid', answer });
  t.equal(await outcome(call(revealCaptcha, { id: 'a-uuid' })), 'captcha-unknown');
});

t.test('in development the inbox shows the code that was sent, and it is good', async (t) => {
  const { solved, call, checkCode } = await started(t);
  t.equal(await outcome(call(revealCode, { phone })), 'code-unknown');
  await call(sendCode, { phone, address: '203.0.113.7', captcha: await solved() });
  const { code } = await call(revealCode, { phone });
  t.match(code, /^[0-9]{6}$/);
  t.strictSame(await checkCode(phone, code), {});
});

t.test('with DEV_ROUTES off neither captchas nor codes are shown', async (t) => {
  const { newCaptcha, call } = await started(t, { DEV_ROUTES: 'off' });
  const { id } = await newCaptcha();
  t.equal(await outcome(call(revealCaptcha, { id })), 'not-allowed');
  t.equal(await outcome(call(revealCode, { phone })), 'not-allowed');
});
