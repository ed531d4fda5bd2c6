import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { startWebhookStub } from '../services/verification/test/providers/webhook-stub.ts';
import { otherThan, phoneNumber } from '../services/verification/test/verification-service.ts';
import { type MedicineAnswer, medicineClient, tally } from './harness/medicine-client.ts';
import { startPlatform } from './harness/platform.ts';

t.setTimeout(900_000);

const secret = 'the secret of the webhook';
const stub = await startWebhookStub(t, { secret });
const platform = await startPlatform(t, {
  settings: {
    SMS_PROVIDER: 'webhook',
    SMS_WEBHOOK_URL: stub.url,
    SMS_WEBHOOK_SECRET: secret,
    TRUSTED_PROXIES: 'loopback',
    REQUEST_DEADLINE_MS: '20000',
    STORE_TIMEOUT_MS: '250',
  },
});
const clients = platform.gateways.map(medicineClient);
const clientOf = (index: number) => clients[index % clients.length] ?? medicineClient('');
const client = clientOf(0);

/** Asks as often as told at once, turn by turn on each gateway. */
const atOnce = <T>(times: number, ask: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => ask(index)));

let phones = 0;
const newPhone = () => {
  phones += 1;
  return phoneNumber(phones);
};
const sentTo = (phone: string) => stub.sent.filter((sms) => sms.phone === phone);
/** The code of the last SMS to a phone that had one sent just now. */
async function smsCode(phone: string): Promise<string> {
  await client.askForCode(phone);
  return sentTo(phone).at(-1)?.code ?? '';
}

t.test('of 200 tries with one captcha at once, one passes', async (t) => {
  const captcha = await client.captcha();
  const before = stub.sent.length;
  const answers = await atOnce(200, (index) => clientOf(index).smsCode(newPhone(), captcha));
  t.strictSame(tally(answers), { '0': 1, '4002': 199 });
  t.equal(stub.sent.length - before, 1);
});

t.test(
  'of 200 wrong SMS codes at once, five are looked at, and the right one is no good afterwards',
  async (t) => {
    const phone = newPhone();
    const code = await smsCode(phone);
    const answers = await atOnce(200, (index) => clientOf(index).register(phone, otherThan(code, index + 1)));
    t.strictSame(tally(answers), { '4002': 195, '4004': 5 });
    t.equal((await client.register(phone, code)).re_code, '4002');
  },
);

t.test('500 requests for one phone at once send one SMS', async (t) => {
  const phone = newPhone();
  const captchas = [];
  for (let drawn = 0; drawn < 500; drawn += 20) {
    captchas.push(...(await atOnce(20, (index) => clientOf(index).captcha())));
  }
  const answers = await Promise.all(
    captchas.map((captcha, index) => clientOf(index).smsCode(phone, captcha)),
  );
  t.strictSame(tally(answers), { '0': 1, '4201': 499 });
  t.equal(sentTo(phone).length, 1);
});

t.test('100 registers of one phone at once make one account', async (t) => {
  const phone = newPhone();
  const code = await smsCode(phone);
  const answers = await atOnce(100, (index) => clientOf(index).register(phone, code, `password ${index}`));
  const { '0': made = 0, '4002': spent = 0, '4003': taken = 0 } = tally(answers);
  t.strictSame([made, spent + taken], [1, 99]);
  const winner = answers.findIndex(({ re_code }) => re_code === '0');
  t.equal((await client.login(phone, `password ${winner}`)).re_code, '0');
});

t.test('with Redis frozen for 60 s nothing hangs, no SMS goes out, and limits hold', async (t) => {
  const [known, guessed, coded] = [newPhone(), newPhone(), newPhone()];
  for (const phone of [known, guessed]) await client.register(phone, await smsCode(phone));
  const code = await smsCode(coded);
  const { cookie } = await client.login(known);
  const captchas = await atOnce(20, (index) => clientOf(index).captcha());
  const received = stub.received.length;

  await platform.redis.freeze();
  const frozenAt = performance.now();
  const asked: Record<'sms' | 'pictures' | 'codes' | 'guesses' | 'logins', MedicineAnswer[]> = {
    sms: [],
    pictures: [],
    codes: [],
    guesses: [],
    logins: [],
  };
  for (let round = 0; performance.now() - frozenAt < 60_000; round += 1) {
    const mine = clientOf(round);
    const captcha = captchas[round] ?? { uuid: 'spent', img_code_client: '3xfe' };
    asked.sms.push(await mine.smsCode(newPhone(), captcha));
    asked.pictures.push(await mine.imageCode('frozen'));
    asked.codes.push(await mine.register(coded, otherThan(code, round + 1)));
    asked.guesses.push(await mine.login(guessed, `guess ${round}`, '198.51.100.9'));
    asked.logins.push(await mine.login(known));
  }
  t.equal((await client.logout(cookie ?? '')).status, 200, 'a logout is answered');
  t.equal(stub.received.length, received, 'no SMS goes out');
  platform.redis.thaw();

  const rounds = asked.sms.length;
  t.ok(rounds > 20, `${rounds} rounds`);
  for (const name of ['sms', 'pictures', 'codes'] as const) {
    t.strictSame(tally(asked[name]), { '4500': rounds }, name);
    t.ok(asked[name].every(({ status }) => status === 503));
  }
  const slowest = (answers: MedicineAnswer[]) => Math.max(...answers.map(({ ms }) => ms));
  // Hashes let everything else that runs here go first, so a password may wait for a core, but not for Redis.
  const boundsMs = { sms: 1000, pictures: 1000, codes: 1000, guesses: 3000, logins: 3000 } as const;
  for (const name of ['sms', 'pictures', 'codes', 'guesses', 'logins'] as const)
    t.ok(slowest(asked[name]) < boundsMs[name], `${name}: ${slowest(asked[name])} ms`);
  const { '4106': looked = 0, '4201': refused = 0 } = tally(asked.guesses);
  t.ok(looked >= 10 && looked <= 20, `${looked} guesses are looked at`);
  t.equal(looked + refused, rounds);
  t.strictSame(tally(asked.logins), { '0': rounds }, 'a right password opens a session all the while');

  await until(
    'an SMS goes out again',
    async () => (await client.askForCode(newPhone())).re_code === '0',
    30_000,
  );
  const wrong = await atOnce(20, (index) => clientOf(index).register(coded, otherThan(code, 100 + index)));
  t.ok((tally(wrong)['4004'] ?? 0) <= 5, 'no more than five codes are looked at all in all');
  const again = await atOnce(20, (index) => clientOf(index).askForCode(coded));
  t.ok((tally(again)['0'] ?? 0) <= 1);
  t.ok(sentTo(coded).length <= 2, 'no more than twice one SMS a minute');
});
