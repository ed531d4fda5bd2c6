import t from 'tap';
import { memoryStore } from '../src/store/memory-store.ts';
import { movableClock } from './harness/movable-clock.ts';
import { storeSuite } from './suites/store-suite.ts';

storeSuite(t, async (t) => {
  const clock = movableClock();
  const store = memoryStore({ clock });
  t.teardown(() => store.close());
  return { store, other: store, pass: async (ms) => clock.advance(ms) };
});

t.test('beyond its bound the store forgets what was longest unused', async (t) => {
  const store = memoryStore({ clock: Date.now, maxEntries: 3 });
  for (const key of ['a', 'b', 'c']) await store.set(key, key, 5000);
  await store.get('a');
  await store.count('d', 5000);
  t.strictSame(await store.getMany(['a', 'b', 'c', 'd']), ['a', null, 'c', '1']);
});
