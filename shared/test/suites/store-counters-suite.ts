import type { Test } from 'tap';
import { atOnce, type OpenStore } from './store-fixture.ts';

/** Real time passes on a server while a test runs: this much of a window may be gone. */
const slack = 2000;

function near(t: Test, actual: number, expected: number): void {
  t.ok(actual <= expected && actual > expected - slack, `${actual} is about ${expected}`);
}

/** Counting, reserving and giving back. */
export function countersSuite(t: Test, open: OpenStore): void {
  const limit = (key: string, count: number, windowMs = 60_000) => ({ key, limit: count, windowMs });

  t.test('a counter begins at one, and again when its window is over', async (t) => {
    const { store, other, pass } = await open(t);
    t.equal((await store.count('tries', 60_000)).count, 1);
    t.equal((await other.count('tries', 60_000)).count, 2);
    await pass(61_000);
    t.equal((await store.count('tries', 60_000)).count, 1);
  });

  t.test('the window starts with the first count: later ones do not move its end', async (t) => {
    const { store, pass } = await open(t);
    near(t, (await store.count('tries', 60_000)).resetMs, 60_000);
    await pass(40_000);
    const second = await store.count('tries', 60_000);
    t.equal(second.count, 2);
    near(t, second.resetMs, 20_000);
    await pass(21_000);
    t.equal((await store.count('tries', 60_000)).count, 1);
  });

  t.test('200 counts at once are 1 to 200, none twice', async (t) => {
    const fixture = await open(t);
    const counted = await atOnce(fixture, 200, (store) => store.count('tries', 60_000));
    t.strictSame(
      counted.map(({ count }) => count).sort((a, b) => a - b),
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
  });

  t.test('a counter can be read as its decimal, and removing it starts a new one', async (t) => {
    const { store } = await open(t);
    await store.count('tries', 60_000);
    await store.reserve([limit('tries', 5)]);
    t.equal(await store.get('tries'), '2');
    await store.remove('tries');
    t.equal((await store.count('tries', 60_000)).count, 1);
  });

  t.test('a limit is granted as often as it says, then refused until its window ends', async (t) => {
    const { store, pass } = await open(t);
    t.strictSame(await store.reserve([limit('sms', 2)]), { granted: true });
    await pass(10_000);
    t.strictSame(await store.reserve([limit('sms', 2)]), { granted: true });
    const refused = await store.reserve([limit('sms', 2)]);
    t.match(refused, { granted: false, key: 'sms' });
    if (!refused.granted) near(t, refused.retryAfterMs, 50_000);
    await pass(51_000);
    t.strictSame(await store.reserve([limit('sms', 2)]), { granted: true });
  });

  t.test('when one of several limits is used up, nothing is counted on any', async (t) => {
    const { store } = await open(t);
    await store.reserve([limit('hour', 1)]);
    t.match(await store.reserve([limit('day', 10), limit('hour', 1)]), { granted: false, key: 'hour' });
    t.match(await store.reserve([limit('hour', 1), limit('day', 10)]), { granted: false, key: 'hour' });
    t.strictSame(await store.getMany(['hour', 'day']), ['1', null]);
  });

  t.test('of several used-up limits the one that lasts longest is named', async (t) => {
    const { store } = await open(t);
    const limits = [limit('minute', 1, 60_000), limit('day', 1, 86_400_000), limit('hour', 1, 3_600_000)];
    await store.reserve(limits);
    const refused = await store.reserve(limits);
    t.match(refused, { granted: false, key: 'day' });
    if (!refused.granted) near(t, refused.retryAfterMs, 86_400_000);
  });

  t.test('a limit of zero is never granted, no limit always', async (t) => {
    const { store } = await open(t);
    t.strictSame(await store.reserve([limit('off', 0)]), {
      granted: false,
      key: 'off',
      retryAfterMs: 60_000,
    });
    t.strictSame(await store.reserve([]), { granted: true });
  });

  t.test('of 200 reservations at once as many are granted as the limit says', async (t) => {
    const fixture = await open(t);
    const limits = [limit('pair', 10), limit('address', 100)];
    const answers = await atOnce(fixture, 200, (store) => store.reserve(limits));
    t.equal(answers.filter(({ granted }) => granted).length, 10);
    t.strictSame(await fixture.store.getMany(['pair', 'address']), ['10', '10']);
  });

  t.test('what is given back can be reserved again, in the same window', async (t) => {
    const { store, other, pass } = await open(t);
    await store.reserve([limit('a', 2), limit('b', 5)]);
    await store.reserve([limit('a', 2)]);
    await pass(40_000);
    await other.giveBack(['a', 'b']);
    t.strictSame(await store.getMany(['a', 'b']), ['1', null]);
    t.strictSame(await store.reserve([limit('a', 2)]), { granted: true });
    const refused = await store.reserve([limit('a', 2)]);
    if (!refused.granted) near(t, refused.retryAfterMs, 20_000);
    t.equal(refused.granted, false);
  });

  t.test('giving back too often leaves nothing below zero', async (t) => {
    const fixture = await open(t);
    await fixture.store.reserve([limit('a', 5)]);
    await atOnce(fixture, 20, (store) => store.giveBack(['a', 'never-counted', 'a']));
    t.equal((await fixture.store.count('a', 60_000)).count, 1);
    t.equal((await fixture.store.count('never-counted', 60_000)).count, 1);
    await fixture.store.giveBack([]);
  });

  t.test('giving back after the window is over does not revive it', async (t) => {
    const { store, pass } = await open(t);
    await store.reserve([limit('a', 5)]);
    await store.reserve([limit('a', 5)]);
    await pass(61_000);
    await store.giveBack(['a']);
    t.equal(await store.get('a'), null);
    const first = await store.count('a', 60_000);
    t.equal(first.count, 1);
    near(t, first.resetMs, 60_000);
  });

  t.test('when the last count is given back, the next one starts a window of its own', async (t) => {
    const { store, pass } = await open(t);
    await store.reserve([limit('a', 5)]);
    await pass(50_000);
    await store.giveBack(['a']);
    near(t, (await store.count('a', 60_000)).resetMs, 60_000);
  });
}
