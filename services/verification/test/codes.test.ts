import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { logLines } from '@vestibule/shared/test/log-lines';
import { testGatewayParts } from '@vestibule/shared/test/parts';
import t, { type Test } from 'tap';
import { createCodes } from '../src/codes.ts';
import { createDigests } from '../src/digests.ts';
import { createRefusals } from '../src/refusals.ts';
import {
  client,
  otherThan,
  outcome,
  phoneNumber,
  recordingProvider,
  startVerification,
  tally,
} from './verification-service.ts';

/** A phone that was sent a code, on two replicas of the service. */
async function withCode(t: Test, environment: Record<string, string> = {}) {
  const parts = await testGatewayParts(t);
  const provider = recordingProvider();
  await startVerification(t, parts, { environment, provider });
  await startVerification(t, parts, { environment, provider });
  const calls = client(parts);
  const phone = phoneNumber(1);
  await calls.sendCode(phone);
  const code = provider.sent[0]?.code ?? '';
  return { ...calls, phone, code, wrong: otherThan(code), provider, parts };
}

t.test('a code has six digits, zeros in front too', async (t) => {
  const { code } = await withCode(t);
  t.match(code, /^[0-9]{6}$/);
  const { store } = await testGatewayParts(t);
  const { issue, check } = createCodes({
    store,
    digests: createDigests(),
    refusals: createRefusals({ logger: logLines().logger, count: () => {} }),
    randomInt: (limit) => (limit === 1_000_000 ? 42 : -1),
    randomId: () => 'an-id',
    ttlMs: 1000,
    tries: 5,
  });
  t.equal((await issue(phoneNumber(1))).code, '000042');
  t.strictSame(await check({ phone: phoneNumber(1), code: '000042' }, { requestId: 'a-request' }), {});
});

t.test('a right code stays good until it is spent', async (t) => {
  const { phone, code, checkCode, spendCode } = await withCode(t);
  for (let look = 0; look < 20; look += 1) t.strictSame(await checkCode(phone, code), {});
  t.strictSame(await spendCode(phone, code), {});
  t.equal(await outcome(checkCode(phone, code)), 'code-unknown');
  t.equal(await outcome(spendCode(phone, code)), 'code-unknown');
});

t.test('a wrong code is wrong and leaves the right one good', async (t) => {
  const { phone, code, wrong, checkCode, spendCode } = await withCode(t);
  t.equal(await outcome(checkCode(phone, wrong)), 'code-wrong');
  t.equal(await outcome(spendCode(phone, wrong)), 'code-wrong');
  t.equal(await outcome(checkCode(phone, '')), 'code-wrong');
  t.equal(await outcome(checkCode(phone, `${code}0`)), 'code-wrong');
  t.strictSame(await spendCode(phone, code), {});
});

t.test('the fifth wrong code, looked at or spent, uses the code up', async (t) => {
  const { phone, code, wrong, checkCode, spendCode } = await withCode(t);
  for (const ask of [checkCode, spendCode, checkCode, spendCode, checkCode]) {
    t.equal(await outcome(ask(phone, wrong)), 'code-wrong');
  }
  t.equal(await outcome(checkCode(phone, wrong)), 'code-unknown');
  t.equal(await outcome(checkCode(phone, code)), 'code-unknown');
  t.equal(await outcome(spendCode(phone, code)), 'code-unknown');
});

t.test('right codes between wrong ones give no further tries', async (t) => {
  const { phone, code, wrong, checkCode } = await withCode(t);
  const outcomes: unknown[] = [];
  for (let round = 0; round < 6; round += 1) {
    outcomes.push(await outcome(checkCode(phone, wrong)), await outcome(checkCode(phone, code)));
  }
  t.strictSame(tally(outcomes), { 'code-wrong': 5, fine: 4, 'code-unknown': 3 });
});

t.test('a phone that was sent nothing has no code', async (t) => {
  const { code, checkCode, spendCode } = await withCode(t);
  t.equal(await outcome(checkCode(phoneNumber(2), code)), 'code-unknown');
  t.equal(await outcome(spendCode(phoneNumber(2), code)), 'code-unknown');
});

t.test("a code is good for its own phone, not for another's", async (t) => {
  const { phone, code, checkCode, sendCode, provider } = await withCode(t);
  const other = phoneNumber(2);
  await sendCode(other);
  t.equal(provider.sent[1]?.phone, other);
  t.equal(await outcome(checkCode(other, code)), 'code-wrong');
  t.strictSame(await checkCode(phone, code), {});
});

t.test('a new code replaces the old one and begins with all its tries', async (t) => {
  const { phone, code, wrong, checkCode, sendCode, provider } = await withCode(t, { LIMITS: 'off' });
  for (let round = 0; round < 4; round += 1) await outcome(checkCode(phone, wrong));
  await sendCode(phone);
  const fresh = provider.sent[1]?.code ?? '';
  t.not(fresh, code);
  t.equal(await outcome(checkCode(phone, code)), 'code-wrong');
  for (let round = 1; round < 4; round += 1) {
    t.equal(await outcome(checkCode(phone, otherThan(fresh, round))), 'code-wrong');
  }
  t.strictSame(await checkCode(phone, fresh), {});
});

t.test('a code that is used up does not keep a new one from being good', async (t) => {
  const { phone, wrong, checkCode, spendCode, sendCode, provider } = await withCode(t, { LIMITS: 'off' });
  for (let round = 0; round < 6; round += 1) await outcome(checkCode(phone, wrong));
  await sendCode(phone);
  t.strictSame(await spendCode(phone, provider.sent[1]?.code ?? ''), {});
});

t.test('200 wrong codes at once: five are looked at, and then the right one is unknown', async (t) => {
  const { phone, code, checkCode, spendCode } = await withCode(t);
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      outcome((index % 2 ? checkCode : spendCode)(phone, otherThan(code, index + 1))),
    ),
  );
  t.strictSame(tally(outcomes), { 'code-wrong': 5, 'code-unknown': 195 });
  t.equal(await outcome(checkCode(phone, code)), 'code-unknown');
});

t.test('of 100 who spend a right code at once, one succeeds', async (t) => {
  const { phone, code, spendCode } = await withCode(t);
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => outcome(spendCode(phone, code))));
  t.strictSame(tally(outcomes), { fine: 1, 'code-unknown': 99 });
});

t.test('right codes looked at all at once leave the code good', async (t) => {
  const { phone, code, checkCode, spendCode } = await withCode(t);
  await Promise.all(Array.from({ length: 100 }, () => outcome(checkCode(phone, code))));
  t.strictSame(await spendCode(phone, code), {});
});

t.test('spending a code while a new one is sent leaves the new one good', async (t) => {
  const { phone, code, sendCode, spendCode, provider } = await withCode(t, { LIMITS: 'off' });
  await Promise.all([outcome(spendCode(phone, code)), sendCode(phone)]);
  t.strictSame(await spendCode(phone, provider.sent[1]?.code ?? ''), {});
});

t.test('only what looks like a phone and a code reaches the service', async (t) => {
  const { call, phone } = await withCode(t);
  const { checkCode } = verificationContracts;
  for (const wrong of ['12', '17000000000', '12345678912']) {
    t.equal(await outcome(call(checkCode, { phone: wrong, code: '123456' })), 'contract-violated');
  }
  t.equal(await outcome(call(checkCode, { phone, code: '1'.repeat(33) })), 'contract-violated');
});

t.test('a code that is withdrawn is unknown, and a newer one of the phone stays good', async (t) => {
  const { store } = await testGatewayParts(t);
  let made = 0;
  const { issue, check } = createCodes({
    store,
    digests: createDigests(),
    refusals: createRefusals({ logger: logLines().logger, count: () => {} }),
    randomInt: () => 42,
    randomId: () => {
      made += 1;
      return `id ${made}`;
    },
    ttlMs: 60_000,
    tries: 5,
  });
  const question = { phone: phoneNumber(1), code: '000042' };
  const asked = { requestId: 'a-request' };
  const old = await issue(phoneNumber(1));
  const young = await issue(phoneNumber(1));
  await old.withdraw();
  t.strictSame(await check(question, asked), {});
  await young.withdraw();
  t.equal(await outcome(check(question, asked)), 'code-unknown');
});
