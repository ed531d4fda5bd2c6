import { memoryBus } from '@vestibule/shared/bus/memory-bus';
import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import { logLines } from '@vestibule/shared/test/log-lines';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testGatewayParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { client, failure, minute, outcome, startVerification, tally } from './verification-service.ts';

const { revealCaptcha } = verificationContracts;

t.test('a captcha is a PNG of 360 by 120 pixels under an id of its own', async (t) => {
  const parts = await testGatewayParts(t);
  await startVerification(t, parts);
  const { newCaptcha } = client(parts);
  const { id, png } = await newCaptcha({ scope: 'accounts', length: 5 });
  const bytes = Buffer.from(png, 'base64');
  t.match(id, /^[0-9a-f]{32}$/);
  t.equal(bytes.subarray(0, 8).toString('hex'), '89504e470d0a1a0a');
  t.equal(bytes.readUInt32BE(16), 360);
  t.equal(bytes.readUInt32BE(20), 120);
  t.notMatch(bytes.toString('latin1'), 'svg');
  t.not((await newCaptcha()).id, id);
});

t.test('a captcha has the length asked for, in letters and digits that nobody mixes up', async (t) => {
  const parts = await testGatewayParts(t);
  await startVerification(t, parts);
  const { newCaptcha, call } = client(parts);
  const lengths: number[] = [];
  for (const length of [4, 5, 6]) {
    const { id } = await newCaptcha({ length });
    const { answer } = await call(revealCaptcha, { id });
    t.match(answer, /^[ACDEFGHJKMNPQRTUVWXY346789]+$/);
    lengths.push(answer.length);
  }
  t.strictSame(lengths, [4, 5, 6]);
});

t.test('a captcha is answered in either case', async (t) => {
  const parts = await testGatewayParts(t);
  await startVerification(t, parts);
  const { solved, checkCaptcha } = client(parts);
  const [one, other] = [await solved(), await solved()];
  t.strictSame(await checkCaptcha({ ...one, answer: one.answer.toLowerCase() }), {});
  t.strictSame(await checkCaptcha({ ...other, answer: other.answer.toUpperCase() }), {});
});

t.test('a captcha is good for one try, right or wrong', async (t) => {
  const parts = await testGatewayParts(t);
  await startVerification(t, parts);
  const { solved, checkCaptcha } = client(parts);
  const right = await solved();
  t.strictSame(await checkCaptcha(right), {});
  t.equal(await outcome(checkCaptcha(right)), 'captcha-unknown');
  const wrong = await solved();
  t.equal(await outcome(checkCaptcha({ ...wrong, answer: 'BBBB' })), 'captcha-wrong');
  t.equal(await outcome(checkCaptcha(wrong)), 'captcha-unknown');
});

t.test('an answer that is empty, longer or only begins right is wrong', async (t) => {
  const parts = await testGatewayParts(t);
  await startVerification(t, parts);
  const { solved, checkCaptcha } = client(parts);
  for (const change of [() => '', (text: string) => `${text}A`, (text: string) => text.slice(0, 3)]) {
    const captcha = await solved();
    t.equal(await outcome(checkCaptcha({ ...captcha, answer: change(captcha.answer) })), 'captcha-wrong');
  }
});

t.test('a captcha that was never drawn is unknown', async (t) => {
  const parts = await testGatewayParts(t);
  await startVerification(t, parts);
  const { checkCaptcha } = client(parts);
  t.equal(
    await outcome(checkCaptcha({ scope: 'medicine', id: 'never-drawn', answer: 'ACDE' })),
    'captcha-unknown',
  );
});

t.test('captchas of one id in two scopes never meet', async (t) => {
  const parts = await testGatewayParts(t);
  await startVerification(t, parts);
  const { newCaptcha, checkCaptcha, call } = client(parts);
  await newCaptcha({ scope: 'medicine', id: 'shared' });
  const { answer } = await call(revealCaptcha, { id: 'shared' });
  await newCaptcha({ scope: 'accounts', id: 'shared', replaces: 'shared' });
  t.strictSame(await checkCaptcha({ scope: 'medicine', id: 'shared', answer }), {});
});

t.test('the captcha that a new one replaces is dropped', async (t) => {
  const parts = await testGatewayParts(t);
  await startVerification(t, parts);
  const { solved, newCaptcha, checkCaptcha } = client(parts);
  const old = await solved();
  await newCaptcha({ replaces: old.id });
  t.equal(await outcome(checkCaptcha(old)), 'captcha-unknown');
});

t.test("a client's own id, used again, stands for the new picture", async (t) => {
  const parts = await testGatewayParts(t);
  await startVerification(t, parts);
  const { newCaptcha, checkCaptcha, call } = client(parts);
  t.equal((await newCaptcha({ id: 'my-own' })).id, 'my-own');
  const first = await call(revealCaptcha, { id: 'my-own' });
  await newCaptcha({ id: 'my-own', replaces: 'my-own' });
  const second = await call(revealCaptcha, { id: 'my-own' });
  t.not(second.answer, first.answer);
  t.strictSame(await checkCaptcha({ scope: 'medicine', id: 'my-own', answer: second.answer }), {});
});

t.test('200 tries at once with the right answer, on two replicas: one passes', async (t) => {
  const parts = await testGatewayParts(t);
  await startVerification(t, parts);
  await startVerification(t, parts);
  const { solved, checkCaptcha } = client(parts);
  const captcha = await solved();
  const outcomes = await Promise.all(Array.from({ length: 200 }, () => outcome(checkCaptcha(captcha))));
  t.strictSame(tally(outcomes), { fine: 1, 'captcha-unknown': 199 });
});

t.test('200 tries at once of which one is right: at most the first of them is looked at', async (t) => {
  const parts = await testGatewayParts(t);
  await startVerification(t, parts);
  const { solved, checkCaptcha } = client(parts);
  const captcha = await solved();
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      outcome(checkCaptcha(index === 199 ? captcha : { ...captcha, answer: 'BBBB' })),
    ),
  );
  t.equal(tally(outcomes)['captcha-unknown'], 199);
});

/** On a clock to move, which a real store would not follow. */
async function onMovedClock(t: Parameters<typeof startVerification>[0], environment = {}) {
  const clock = movableClock();
  const { logger } = logLines();
  const parts = { bus: memoryBus({ clock, logger }), store: memoryStore({ clock }), clock };
  await startVerification(t, parts, { environment });
  return { clock, ...client(parts) };
}

t.test('a captcha is good for five minutes', async (t) => {
  const { clock, solved, checkCaptcha } = await onMovedClock(t);
  const [young, old] = [await solved(), await solved()];
  clock.advance(5 * minute - 1);
  t.strictSame(await checkCaptcha(young), {});
  clock.advance(2);
  t.equal(await outcome(checkCaptcha(old)), 'captcha-unknown');
});

t.test('an address is drawn 60 captchas a minute over all scopes, and told when to come back', async (t) => {
  const { clock, newCaptcha } = await onMovedClock(t);
  await Promise.all(Array.from({ length: 30 }, () => newCaptcha({ scope: 'medicine' })));
  clock.advance(15_500);
  await Promise.all(Array.from({ length: 30 }, () => newCaptcha({ scope: 'accounts' })));
  t.strictSame(await failure(newCaptcha()), { code: 'address-limited', retryAfterSeconds: 45 });
  t.type((await newCaptcha({ address: '203.0.113.8' })).id, 'string');
  clock.advance(44_499);
  t.strictSame(await failure(newCaptcha()), { code: 'address-limited', retryAfterSeconds: 1 });
  clock.advance(2);
  t.type((await newCaptcha()).id, 'string');
});

t.test('with LIMITS off any number of captchas is drawn', async (t) => {
  const { newCaptcha } = await onMovedClock(t, { LIMITS: 'off', CAPTCHA_PER_MINUTE: '1' });
  await newCaptcha();
  t.type((await newCaptcha()).id, 'string');
});

t.test('beyond the queue captchas are refused as busy, and those that wait are drawn', async (t) => {
  const { newCaptcha } = await onMovedClock(t, { CAPTCHA_CONCURRENCY: '1', CAPTCHA_QUEUE: '3' });
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => outcome(newCaptcha())));
  t.strictSame(tally(outcomes), { fine: 4, busy: 6 });
});
