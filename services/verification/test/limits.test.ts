import { memoryBus } from '@vestibule/shared/bus/memory-bus';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import { logLines } from '@vestibule/shared/test/log-lines';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import t, { type Test } from 'tap';
import {
  client,
  day,
  failure,
  hour,
  minute,
  outcome,
  phoneNumber,
  recordingProvider,
  startVerification,
  tally,
} from './verification-service.ts';

/** 2026-11-21, 20:00 in Shanghai. */
const evening = Date.parse('2026-11-21T12:00:00Z');

/** On a clock to move, which a real store would not follow. */
async function started(t: Test, environment: Record<string, string> = {}, start = evening) {
  const clock = movableClock(start);
  const { logger } = logLines();
  const parts = { bus: memoryBus({ clock, logger }), store: memoryStore({ clock }), clock };
  const provider = recordingProvider();
  const { log, metrics } = await startVerification(t, parts, { environment, provider });
  return { ...client(parts), clock, provider, log, metrics };
}

const limited = (retryAfterSeconds: number) => ({ code: 'rate-limited', retryAfterSeconds });
const phone = phoneNumber(1);

t.test('a phone is sent one SMS a minute', async (t) => {
  const { sendCode, clock } = await started(t);
  await sendCode(phone);
  t.strictSame(await failure(sendCode(phone)), limited(60));
  clock.advance(minute - 1);
  t.strictSame(await failure(sendCode(phone)), limited(1));
  clock.advance(2);
  t.strictSame(await sendCode(phone), {});
});

t.test('a phone is sent five SMS an hour', async (t) => {
  const { sendCode, clock } = await started(t);
  for (let round = 0; round < 5; round += 1) {
    t.strictSame(await sendCode(phone), {});
    clock.advance(2 * minute);
  }
  t.strictSame(await failure(sendCode(phone)), limited(50 * 60));
  clock.advance(50 * minute + 1);
  t.strictSame(await sendCode(phone), {});
});

t.test('a phone is sent ten SMS a day', async (t) => {
  const { sendCode, clock } = await started(t);
  for (let round = 0; round < 10; round += 1) {
    t.strictSame(await sendCode(phone), {});
    clock.advance(30 * minute);
  }
  t.strictSame(await failure(sendCode(phone)), limited(19 * 3600));
  clock.advance(19 * hour + 1);
  t.strictSame(await sendCode(phone), {});
});

t.test('one phone at its limit keeps no other from its SMS', async (t) => {
  const { sendCode } = await started(t);
  await sendCode(phone);
  t.strictSame(await sendCode(phoneNumber(2)), {});
});

t.test('an address has 20 SMS an hour, for whichever phones', async (t) => {
  const { sendCode, clock } = await started(t);
  for (let index = 0; index < 20; index += 1) {
    t.strictSame(await sendCode(phoneNumber(index)), {});
    clock.advance(minute);
  }
  t.strictSame(await failure(sendCode(phoneNumber(20))), {
    code: 'address-limited',
    retryAfterSeconds: 2400,
  });
  t.strictSame(await sendCode(phoneNumber(20), '203.0.113.8'), {});
  clock.advance(40 * minute + 1);
  t.strictSame(await sendCode(phoneNumber(21)), {});
});

t.test('of several used up limits the one that lasts longest is told', async (t) => {
  const { sendCode } = await started(t, { SMS_PER_PHONE: '1/60', SMS_PER_ADDRESS: '1/30' });
  await sendCode(phone);
  t.strictSame(await failure(sendCode(phone)), limited(60));
});

t.test('what is refused is counted on none of the limits', async (t) => {
  const { sendCode } = await started(t, { SMS_PER_ADDRESS: '2/3600' });
  await sendCode(phone);
  for (let round = 0; round < 5; round += 1) await outcome(sendCode(phone));
  t.strictSame(await sendCode(phoneNumber(2)), {});
  t.equal(await outcome(sendCode(phoneNumber(3))), 'address-limited');
});

t.test('the budget ends at midnight in TIME_ZONE, and a new one begins', async (t) => {
  const { sendCode, clock } = await started(t, { SMS_DAILY_BUDGET: '3' });
  for (let index = 0; index < 3; index += 1) await sendCode(phoneNumber(index));
  t.strictSame(await failure(sendCode(phoneNumber(3))), limited(4 * 3600));
  clock.advance(4 * hour - 1);
  t.strictSame(await failure(sendCode(phoneNumber(3))), limited(1));
  clock.advance(1);
  for (let index = 3; index < 6; index += 1) t.strictSame(await sendCode(phoneNumber(index)), {});
  t.strictSame(await failure(sendCode(phoneNumber(6))), limited(24 * 3600));
});

t.test('the budget of another time zone ends at its own midnight', async (t) => {
  const { sendCode } = await started(t, { SMS_DAILY_BUDGET: '1', TIME_ZONE: 'America/New_York' });
  await sendCode(phoneNumber(0));
  t.strictSame(await failure(sendCode(phoneNumber(1))), limited(17 * 3600));
});

t.test('a day of 25 hours has one budget', async (t) => {
  const start = Date.parse('2026-11-01T04:30:00Z');
  const zone = { SMS_DAILY_BUDGET: '1', TIME_ZONE: 'America/New_York' };
  const { sendCode, clock } = await started(t, zone, start);
  await sendCode(phoneNumber(0));
  clock.advance(24 * hour + 10 * minute);
  t.equal(await outcome(sendCode(phoneNumber(1))), 'rate-limited');
  clock.advance(20 * minute);
  t.strictSame(await sendCode(phoneNumber(1)), {});
});

t.test(
  'the log warns once a day when 80 percent of the budget are used, from whichever replica',
  async (t) => {
    const clock = movableClock(evening);
    const { logger } = logLines();
    const parts = { bus: memoryBus({ clock, logger }), store: memoryStore({ clock }), clock };
    const environment = { SMS_DAILY_BUDGET: '10' };
    const one = await startVerification(t, parts, { environment });
    const other = await startVerification(t, parts, { environment });
    const warnings = () =>
      `${one.log.text()}${other.log.text()}`.split('\n').filter((line) => line.includes('"level":"warn"'));
    const { sendCode } = client(parts);
    for (let index = 0; index < 7; index += 1) await sendCode(phoneNumber(index));
    t.equal(warnings().length, 0);
    for (let index = 7; index < 10; index += 1) await sendCode(phoneNumber(index));
    t.equal(warnings().length, 1);
    t.match(JSON.parse(warnings()[0] ?? ''), {
      msg: 'the SMS budget of the day is running out',
      date: '2026-11-21',
      used: 8,
      budget: 10,
    });
    clock.advance(day);
    for (let index = 0; index < 9; index += 1) await sendCode(phoneNumber(index));
    t.equal(warnings().length, 2);
    t.match(warnings()[1], '2026-11-22');
  },
);

t.test('many SMS to phones of one prefix raise an alarm once an hour, and are sent', async (t) => {
  const { sendCode, clock, log, provider, metrics } = await started(t, {
    SMS_PREFIX_ALARM: '5',
    SMS_PER_ADDRESS: '1000/60',
  });
  const alarms = () =>
    log
      .text()
      .split('\n')
      .filter((line) => line.includes('same first digits'));
  for (let index = 0; index < 5; index += 1) await sendCode(phoneNumber(index));
  for (let index = 0; index < 5; index += 1) await sendCode(`139${String(index).padStart(8, '0')}`);
  t.equal(alarms().length, 0);
  for (let index = 5; index < 9; index += 1) await sendCode(phoneNumber(index));
  t.equal(alarms().length, 1);
  t.match(JSON.parse(alarms()[0] ?? ''), { level: 'warn', prefix: '1380000', count: 6 });
  t.match(await metrics.metrics(), 'vestibule_sms_prefix_alarms_total 4');
  t.equal(provider.sent.length, 14);
  clock.advance(hour + 1);
  for (let index = 0; index < 6; index += 1) await sendCode(phoneNumber(index));
  t.equal(alarms().length, 2);
});

t.test('with LIMITS off nothing is counted per time, but a captcha is still good for one try', async (t) => {
  const { sendCode, checkCode, solved, checkCaptcha, provider } = await started(t, {
    LIMITS: 'off',
    SMS_DAILY_BUDGET: '1',
    SMS_PER_PHONE: '1/60',
    SMS_PER_ADDRESS: '1/60',
  });
  for (let round = 0; round < 3; round += 1) t.strictSame(await sendCode(phone), {});
  t.equal(provider.sent.length, 3);
  const captcha = await solved();
  await checkCaptcha(captcha);
  t.equal(await outcome(checkCaptcha(captcha)), 'captcha-unknown');
  const tries: unknown[] = [];
  for (let round = 0; round < 6; round += 1) tries.push(await outcome(checkCode(phone, 'wrong')));
  t.strictSame(tally(tries), { 'code-wrong': 5, 'code-unknown': 1 });
});

t.test('a code is good for five minutes, and so is the count of its tries', async (t) => {
  const { sendCode, checkCode, clock, provider } = await started(t);
  await sendCode(phone);
  const code = provider.sent[0]?.code ?? '';
  clock.advance(minute);
  for (let round = 0; round < 4; round += 1) await outcome(checkCode(phone, 'wrong'));
  clock.advance(4 * minute - 1);
  t.strictSame(await checkCode(phone, code), {});
  t.equal(await outcome(checkCode(phone, 'wrong')), 'code-wrong');
  t.equal(await outcome(checkCode(phone, code)), 'code-unknown');
  clock.advance(2);
  t.equal(await outcome(checkCode(phone, code)), 'code-unknown');
});

t.test('a send whose deadline passed while it was prepared is not made and not counted', async (t) => {
  const clock = movableClock(evening);
  const { logger } = logLines();
  const store = memoryStore({ clock });
  const slow = {
    ...store,
    set: async (...args: Parameters<typeof store.set>) => {
      await store.set(...args);
      if (args[0].startsWith('sms:code:') && !slowed) {
        slowed = true;
        clock.advance(minute - 1000);
      }
    },
  };
  let slowed = false;
  const parts = { bus: memoryBus({ clock, logger }), store: slow, clock };
  const provider = recordingProvider();
  await startVerification(t, parts, { provider });
  const { sendCode } = client(parts);
  t.equal(await outcome(sendCode(phone, '203.0.113.7', { deadline: evening + 30_000 })), 'deadline-passed');
  t.strictSame(provider.sent, []);
  t.strictSame(await sendCode(phone), {});
});
