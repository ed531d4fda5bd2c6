import type { Test } from 'tap';
import { copiesSuite } from './store-copies-suite.ts';
import { countersSuite } from './store-counters-suite.ts';
import { atOnce, type OpenStore } from './store-fixture.ts';

/** What every store promises. */
export function storeSuite(t: Test, open: OpenStore): void {
  t.test('values', async (t) => valuesSuite(t, open));
  t.test('counters', async (t) => countersSuite(t, open));
  t.test('copies', async (t) => copiesSuite(t, open));
}

function valuesSuite(t: Test, open: OpenStore): void {
  t.test('a value is there until its time is over', async (t) => {
    const { store, other, pass } = await open(t);
    await store.set('code', '123456', 5000);
    t.equal(await other.get('code'), '123456');
    await pass(4000);
    t.equal(await store.get('code'), '123456');
    await pass(2000);
    t.equal(await store.get('code'), null);
    t.equal(await store.take('code'), null);
  });

  t.test('a value that is set again has the new text and the new time', async (t) => {
    const { store, pass } = await open(t);
    await store.set('code', 'old', 5000);
    await pass(4000);
    await store.set('code', 'new', 5000);
    await pass(4000);
    t.equal(await store.get('code'), 'new');
  });

  t.test('a key that nobody set, or that was removed, is null', async (t) => {
    const { store } = await open(t);
    t.equal(await store.get('nothing'), null);
    await store.set('code', 'x', 5000);
    await store.remove('code');
    await store.remove('nothing');
    t.equal(await store.get('code'), null);
  });

  t.test('several values come in the order of their keys, null where there is none', async (t) => {
    const { store } = await open(t);
    await store.set('a', '1', 5000);
    await store.set('b', '2', 5000);
    t.strictSame(await store.getMany(['b', 'c', 'a', 'b']), ['2', null, '1', '2']);
    t.strictSame(await store.getMany([]), []);
  });

  t.test('of 200 takers at once one gets the value', async (t) => {
    const fixture = await open(t);
    await fixture.store.set('captcha', 'K7XPM', 5000);
    const taken = await atOnce(fixture, 200, (store) => store.take('captcha'));
    t.strictSame(
      taken.filter((value) => value !== null),
      ['K7XPM'],
    );
    t.equal(await fixture.store.get('captcha'), null);
  });

  t.test('keys and values of any text come back as they were', async (t) => {
    const { store } = await open(t);
    const texts = [
      '',
      '张三 🎉',
      'a b\r\nc',
      '{tag}',
      '}{',
      'a:b:*?[x]',
      '0',
      '\u00e9',
      'e\u0301',
      'x'.repeat(50_000),
    ];
    for (const text of texts) await store.set(`key ${text}`, text, 5000);
    t.strictSame(await store.getMany(texts.map((text) => `key ${text}`)), texts);
  });

  t.test('a time to live that is not a positive whole number is refused', async (t) => {
    const { store } = await open(t);
    for (const ms of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await t.rejects(store.set('key', 'value', ms), RangeError);
      await t.rejects(store.count('key', ms), RangeError);
      await t.rejects(store.reserve([{ key: 'key', limit: 1, windowMs: ms }]), RangeError);
      await t.rejects(store.fill('key', 'value', 1, ms), RangeError);
      await t.rejects(store.raise('key', 1, ms), RangeError);
    }
    t.equal(await store.get('key'), null);
  });

  t.test('an open store is ready', async (t) => {
    const { store } = await open(t);
    t.equal(await store.ready(), true);
  });
}
