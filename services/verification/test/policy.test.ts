import { AppError } from '@vestibule/shared/errors';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import { logLines } from '@vestibule/shared/test/log-lines';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import t from 'tap';
import { createCalendar } from '../src/calendar.ts';
import { readVerificationSettings } from '../src/config.ts';
import { createDigests } from '../src/digests.ts';
import { createPolicy, type Reserved } from '../src/policy.ts';
import { createRefusals, type RefusalReason } from '../src/refusals.ts';
import { hour, minute, phoneNumber } from './verification-service.ts';

/** 2026-11-21, 20:00 in Shanghai: the day has four hours left. */
const evening = Date.parse('2026-11-21T12:00:00Z');

/** A policy on a clock to move; `reserve` answers what was reserved, or the reason and the seconds of a refusal. */
function policyOf(environment: Record<string, string> = {}) {
  const clock = movableClock(evening);
  const reasons: RefusalReason[] = [];
  const store = memoryStore({ clock });
  const policy = createPolicy({
    settings: readVerificationSettings(environment),
    store,
    digests: createDigests(),
    calendar: createCalendar('Asia/Shanghai'),
    clock,
    refusals: createRefusals({ logger: logLines().logger, count: (reason) => reasons.push(reason) }),
  });
  const reserve = (phone = phoneNumber(1), address = 'home') =>
    policy.reserve({ phone, address, requestId: 'a-request' });
  /** What became of a reservation, in a word. */
  const outcome = (phone?: string, address?: string): Promise<string> =>
    reserve(phone, address).then(
      () => 'granted',
      (error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        return [reasons.at(-1), error.code, ...Object.values(error.details)].join(' ');
      },
    );
  return { ...policy, reserve, outcome, clock, store };
}

/** What was reserved, the digests left aside. */
const shown = (reserved: Reserved) =>
  reserved.map(({ key, limit, windowMs, reason }) => [
    key.replace(/[\w-]{43}/, 'digest'),
    limit,
    windowMs,
    reason,
  ]);

t.test('an SMS is counted for its phone, its address and the day', async (t) => {
  const { reserve } = policyOf({ SMS_PER_PHONE: '1/60,5/3600', SMS_PER_ADDRESS: '20/3600' });
  t.strictSame(shown(await reserve()), [
    ['sms:phone:digest:60000', 1, minute, 'sms-phone'],
    ['sms:phone:digest:3600000', 5, hour, 'sms-phone'],
    ['sms:address:digest:3600000', 20, hour, 'sms-address'],
    ['sms:budget:2026-11-21', 10_000, 26 * hour, 'sms-budget'],
  ]);
});

t.test('each limit says which it is, and when it ends', async (t) => {
  const phone = policyOf({ SMS_PER_PHONE: '1/60' });
  t.equal(await phone.outcome(), 'granted');
  t.equal(await phone.outcome(), 'sms-phone rate-limited 60');
  t.equal(await phone.outcome(phoneNumber(2)), 'granted');
  const address = policyOf({ SMS_PER_ADDRESS: '1/3600' });
  t.equal(await address.outcome(), 'granted');
  t.equal(await address.outcome(phoneNumber(2)), 'sms-address address-limited 3600');
  t.equal(await address.outcome(phoneNumber(2), 'elsewhere'), 'granted');
  const budget = policyOf({ SMS_DAILY_BUDGET: '1' });
  t.equal(await budget.outcome(), 'granted');
  t.equal(await budget.outcome(phoneNumber(2), 'elsewhere'), 'sms-budget rate-limited 14400');
  budget.clock.advance(4 * hour);
  t.equal(await budget.outcome(phoneNumber(2), 'elsewhere'), 'granted', 'the next day');
});

t.test('phones and addresses that look alike are counted apart', async (t) => {
  const { outcome } = policyOf({ SMS_PER_PHONE: '1/60', SMS_PER_ADDRESS: '1/60' });
  t.equal(await outcome('13800000001', '13800000002'), 'granted');
  t.equal(await outcome('13800000002', '13800000001'), 'granted');
});

t.test('what is given back can be used again; what may have been sent stays on the budget', async (t) => {
  const limits = { SMS_PER_PHONE: '1/60', SMS_PER_ADDRESS: '1/60', SMS_DAILY_BUDGET: '2' };
  const { reserve, giveBack, outcome } = policyOf(limits);
  for (let round = 0; round < 3; round += 1) await giveBack(await reserve(), { maybeSent: false });
  await giveBack(await reserve(), { maybeSent: true });
  t.equal(await outcome(), 'granted');
  t.equal(await outcome(phoneNumber(2), 'elsewhere'), 'sms-budget rate-limited 14400');
});

t.test('the switch comes before all else, and holds without limits too', async (t) => {
  for (const environment of [{}, { LIMITS: 'off' }]) {
    const { outcome } = policyOf({ ...environment, SMS_ENABLED: 'false' });
    t.equal(await outcome(), 'sms-disabled sms-not-sent');
  }
});

t.test('without limits nothing is counted', async (t) => {
  const { reserve, store } = policyOf({ LIMITS: 'off', SMS_PER_PHONE: '1/60' });
  t.strictSame(await reserve(), []);
  t.strictSame(await reserve(), []);
  t.equal(await store.get('sms:budget:2026-11-21'), null);
});
