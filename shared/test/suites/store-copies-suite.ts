import type { Test } from 'tap';
import { atOnce, type OpenStore } from './store-fixture.ts';

/** Copies of what lives elsewhere, and the floors under them. */
export function copiesSuite(t: Test, open: OpenStore): void {
  t.test('a copy is read like a value until its time is over', async (t) => {
    const { store, other, pass } = await open(t);
    t.equal(await store.fill('row', 'first', 1, 5000), true);
    t.equal(await other.get('row'), 'first');
    t.strictSame(await other.getMany(['none', 'row']), [null, 'first']);
    await pass(6000);
    t.equal(await store.get('row'), null);
  });

  t.test('a copy older than the one that is here is refused', async (t) => {
    const { store, other } = await open(t);
    t.equal(await store.fill('row', 'newer', 8, 5000), true);
    t.equal(await other.fill('row', 'older', 7, 5000), false);
    t.equal(await store.get('row'), 'newer');
  });

  t.test('a copy of the same version renews the text and the time', async (t) => {
    const { store, pass } = await open(t);
    await store.fill('row', 'read first', 3, 5000);
    await pass(4000);
    t.equal(await store.fill('row', 'read again', 3, 5000), true);
    await pass(4000);
    t.equal(await store.get('row'), 'read again');
  });

  t.test('versions are compared as numbers, large ones too', async (t) => {
    const { store } = await open(t);
    t.equal(await store.fill('row', 'ten', 10, 5000), true);
    t.equal(await store.fill('row', 'nine', 9, 5000), false);
    t.equal(await store.fill('row', 'last', 9_007_199_254_740_991, 5000), true);
    t.equal(await store.fill('row', 'last but one', 9_007_199_254_740_990, 5000), false);
    t.equal(await store.get('row'), 'last');
  });

  t.test('a raise drops the older copy and refuses late fills, but not the new version', async (t) => {
    const { store, other } = await open(t);
    await store.fill('row', 'old', 4, 5000);
    await other.raise('row', 5, 60_000);
    t.equal(await store.get('row'), null);
    t.equal(await store.fill('row', 'old', 4, 5000), false);
    t.equal(await store.get('row'), null);
    t.equal(await store.fill('row', 'new', 5, 5000), true);
    t.equal(await other.get('row'), 'new');
  });

  t.test('a raise leaves a copy that is new already', async (t) => {
    const { store } = await open(t);
    await store.fill('row', 'new', 5, 5000);
    await store.raise('row', 5, 60_000);
    await store.raise('row', 4, 60_000);
    t.equal(await store.get('row'), 'new');
  });

  t.test('a raise before any copy refuses the old one all the same', async (t) => {
    const { store } = await open(t);
    await store.raise('row', 2, 60_000);
    t.equal(await store.fill('row', 'old', 1, 5000), false);
    t.equal(await store.get('row'), null);
  });

  t.test('the floor outlives the copy, and ends after its own time', async (t) => {
    const { store, pass } = await open(t);
    await store.raise('row', 2, 60_000);
    await store.fill('row', 'new', 2, 5000);
    await pass(30_000);
    t.equal(await store.get('row'), null);
    t.equal(await store.fill('row', 'old', 1, 5000), false);
    await pass(31_000);
    t.equal(await store.fill('row', 'whatever is true now', 1, 5000), true);
  });

  t.test('a lower or shorter raise neither lowers nor shortens the floor', async (t) => {
    const { store, pass } = await open(t);
    await store.raise('row', 9, 60_000);
    await store.raise('row', 3, 1000);
    await pass(30_000);
    t.equal(await store.fill('row', 'old', 8, 5000), false);
  });

  t.test('while a copy lives, its version is the floor', async (t) => {
    const { store, pass } = await open(t);
    await store.raise('row', 1, 1000);
    await store.fill('row', 'third', 3, 10_000);
    await pass(8000);
    t.equal(await store.fill('row', 'second', 2, 10_000), false);
    t.equal(await store.get('row'), 'third');
  });

  t.test('however many fills meet a raise, none brings the old copy back', async (t) => {
    const fixture = await open(t);
    for (let version = 1; version <= 20; version++) {
      const old = String(version - 1);
      await fixture.store.fill('row', old, version - 1, 5000);
      const before = atOnce(fixture, 10, (store) => store.fill('row', old, version - 1, 5000));
      const raised = fixture.other.raise('row', version, 60_000).then(() => fixture.other.get('row'));
      const after = atOnce(fixture, 10, (store) => store.fill('row', old, version - 1, 5000));
      t.equal(await raised, null, `version ${version}`);
      await Promise.all([before, after]);
      t.equal(await fixture.store.get('row'), null);
    }
  });

  t.test('the rows of two keys do not meet, whatever their names', async (t) => {
    const { store } = await open(t);
    await store.raise('a', 5, 60_000);
    t.equal(await store.fill('a:floor', 'x', 1, 5000), true);
    t.equal(await store.fill('{a}', 'y', 1, 5000), true);
    t.equal(await store.fill('张三 🎉}', 'z', 1, 5000), true);
    t.strictSame(await store.getMany(['a', 'a:floor', '{a}', '张三 🎉}']), [null, 'x', 'y', 'z']);
  });
}
