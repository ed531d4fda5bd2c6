import t from 'tap';
import { createInFlight } from '../src/in-flight.ts';

/** Notes in which order those who wait are woken. */
function waiters(inFlight: ReturnType<typeof createInFlight>) {
  const woken: string[] = [];
  return {
    woken,
    wait(name: string, key: string) {
      inFlight.nextEnd(key)?.then(() => woken.push(name));
    },
  };
}
/** Promises that are settled already have told so. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

t.test('nobody waits for a key under which nothing is under way', async (t) => {
  const inFlight = createInFlight();
  t.equal(inFlight.nextEnd('a'), null);
  const end = inFlight.begin(['a', 'b']);
  t.not(inFlight.nextEnd('a'), null);
  t.not(inFlight.nextEnd('b'), null);
  t.equal(inFlight.nextEnd('c'), null);
  end();
  t.equal(inFlight.nextEnd('a'), null);
  t.equal(inFlight.nextEnd('b'), null);
});

t.test('each end wakes one, in their order; the last end wakes all', async (t) => {
  const inFlight = createInFlight();
  const ends = [inFlight.begin(['a']), inFlight.begin(['a'])];
  const { woken, wait } = waiters(inFlight);
  for (const name of ['first', 'second', 'third']) wait(name, 'a');
  await settled();
  t.strictSame(woken, []);
  ends[0]?.();
  await settled();
  t.strictSame(woken, ['first']);
  t.not(inFlight.nextEnd('a'), null);
  ends[1]?.();
  await settled();
  t.strictSame(woken, ['first', 'second', 'third']);
});

t.test('an end wakes those of its own keys alone', async (t) => {
  const inFlight = createInFlight();
  const ends = [inFlight.begin(['a', 'b']), inFlight.begin(['c'])];
  const { woken, wait } = waiters(inFlight);
  for (const key of ['a', 'b', 'c']) wait(key, key);
  ends[0]?.();
  await settled();
  t.strictSame(woken, ['a', 'b']);
  ends[1]?.();
  await settled();
  t.strictSame(woken, ['a', 'b', 'c']);
});

t.test('the ends are counted, whatever their keys', async (t) => {
  const inFlight = createInFlight();
  t.equal(inFlight.ended(), 0);
  const ends = [inFlight.begin(['a', 'b', 'c']), inFlight.begin(['d'])];
  t.equal(inFlight.ended(), 0);
  for (const end of ends) end();
  t.equal(inFlight.ended(), 2);
});
