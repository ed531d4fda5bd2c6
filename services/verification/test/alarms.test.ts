import { AppError } from '@vestibule/shared/errors';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import type { Store } from '@vestibule/shared/store/store';
import { logLines } from '@vestibule/shared/test/log-lines';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import t from 'tap';
import { createAlarms } from '../src/alarms.ts';
import { createCalendar } from '../src/calendar.ts';
import { readVerificationSettings } from '../src/config.ts';
import { createDigests } from '../src/digests.ts';
import { day, hour, phoneNumber } from './verification-service.ts';

/** 2026-11-21, 20:00 in Shanghai. */
const evening = Date.parse('2026-11-21T12:00:00Z');

function watching(
  environment: Record<string, string>,
  changed: Partial<Store> = {},
  clock = movableClock(evening),
) {
  const log = logLines();
  const store = { ...memoryStore({ clock }), ...changed };
  const told: (number | 'prefix')[] = [];
  const { watch } = createAlarms({
    settings: readVerificationSettings(environment),
    store,
    digests: createDigests(),
    calendar: createCalendar('Asia/Shanghai'),
    clock,
    logger: log.logger,
    metrics: {
      budgetUsed: (count) => told.push(count),
      prefixExceeded: () => told.push('prefix'),
    },
  });
  const lines = () => log.lines();
  return { watch, clock, store, told, lines };
}

t.test('the budget is warned of once a day, from the percentage on that is set', async (t) => {
  const { watch, clock, store, told, lines } = watching({ SMS_DAILY_BUDGET: '7', SMS_BUDGET_WARNING: '50' });
  const use = async (date: string, times: number) => {
    for (let n = 0; n < times; n += 1) {
      await store.count(`sms:budget:${date}`, day);
      await watch(phoneNumber(n));
    }
  };
  await use('2026-11-21', 3);
  t.strictSame(lines(), []);
  await use('2026-11-21', 2);
  t.match(lines(), [{ level: 'warn', date: '2026-11-21', used: 4, budget: 7 }]);
  t.strictSame(told, [1, 2, 3, 4, 5]);
  clock.advance(4 * hour);
  await use('2026-11-22', 4);
  t.equal(lines().length, 2);
  t.match(lines()[1], { level: 'warn', date: '2026-11-22', used: 4, budget: 7 });
});

t.test('of several replicas one warns of the budget', async (t) => {
  const environment = { SMS_DAILY_BUDGET: '1' };
  const one = watching(environment);
  const other = watching(environment, one.store, one.clock);
  await one.store.count('sms:budget:2026-11-21', day);
  await one.watch(phoneNumber(1));
  await other.watch(phoneNumber(2));
  t.strictSame([one.lines().length, other.lines().length], [1, 0]);
});

t.test(
  'phones with the same seven digits raise one alarm an hour, and each SMS beyond is told',
  async (t) => {
    const { watch, clock, told, lines } = watching({ SMS_PREFIX_ALARM: '2' });
    const alarms = () => told.filter((one) => one === 'prefix').length;
    for (const phone of ['13800001111', '13800002222', '13800011111']) await watch(phone);
    t.strictSame([alarms(), lines()], [0, []]);
    await watch('13800003333');
    await watch('13800004444');
    t.equal(alarms(), 2);
    t.match(lines(), [{ level: 'warn', prefix: '1380000', count: 3 }]);
    t.equal(lines().length, 1);
    clock.advance(hour + 1);
    await watch('13800005555');
    t.equal(alarms(), 2, 'the hour is another one');
  },
);

t.test('an alarm that cannot be counted keeps no SMS back', async (t) => {
  const away = () => Promise.reject(new AppError('store-unavailable'));
  for (const changed of [{ count: away }, { get: away }]) {
    const { watch, lines } = watching({}, changed);
    await t.resolves(watch(phoneNumber(1)));
    t.match(lines(), [{ level: 'warn', err: { code: 'store-unavailable' } }]);
  }
});

t.test('with LIMITS off nothing is watched', async (t) => {
  const { watch, told, lines } = watching({ LIMITS: 'off', SMS_PREFIX_ALARM: '1' });
  for (let n = 0; n < 3; n += 1) await watch('13800001111');
  t.strictSame([told, lines()], [[], []]);
});
