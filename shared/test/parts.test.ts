import t from 'tap';
import { testParts } from './harness/parts.ts';

t.test('the parts of a test are there and answer', async (t) => {
  const parts = await testParts(t);
  t.equal(parts.bus.connected(), true);
  t.equal(await parts.store.ready(), true);
  t.equal(await parts.database.ready(), true);
});
