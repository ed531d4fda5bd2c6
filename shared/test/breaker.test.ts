import { stat } from 'node:fs/promises';
import t from 'tap';
import { codeOf } from '../src/errors.ts';
import { createBreaker } from '../src/store/breaker.ts';
import { movableClock } from './harness/movable-clock.ts';

const refusal = new Error('refused');

/** A breaker on a clock that stands still until it is moved, and a count of what it let through. */
function setUp(timeoutMs = 20) {
  const state = { let: 0 };
  const clock = movableClock();
  const breaker = createBreaker({ clock, timeoutMs, isAway: (error) => error !== refusal });
  const through = (operation: () => Promise<unknown>) =>
    breaker
      .run(() => {
        state.let++;
        return operation();
      })
      .then(String, codeOf);
  return {
    state,
    clock,
    breaker,
    succeed: () => through(async () => 'done'),
    fail: () => through(() => Promise.reject(new Error('away'))),
    refuse: () => through(() => Promise.reject(refusal)),
    hang: () => through(() => new Promise(() => {})),
  };
}

t.test('what hangs is given up after its time', async (t) => {
  const { hang } = setUp();
  const start = performance.now();
  t.equal(await hang(), 'store-unavailable');
  t.ok(performance.now() - start < 1000);
});

t.test('after a failure nothing is let through for a second, then one at a time', async (t) => {
  const { state, clock, succeed, fail, hang } = setUp();
  t.equal(await fail(), 'store-unavailable');
  clock.advance(999);
  t.strictSame(await Promise.all([succeed(), succeed()]), ['store-unavailable', 'store-unavailable']);
  t.equal(state.let, 1);
  clock.advance(1);
  t.strictSame(await Promise.all([hang(), succeed(), succeed()]), Array(3).fill('store-unavailable'));
  t.equal(state.let, 2);
  clock.advance(1000);
  t.strictSame(await Promise.all([succeed(), succeed()]), ['done', 'store-unavailable']);
  t.strictSame(await Promise.all([succeed(), succeed()]), ['done', 'done']);
});

t.test('an operation that the store answers with a refusal does not close it for the others', async (t) => {
  const { succeed, refuse } = setUp();
  t.equal(await refuse(), 'store-unavailable');
  t.equal(await succeed(), 'done');
});

t.test('a store that is known to be back is used at once', async (t) => {
  const { breaker, succeed, fail } = setUp();
  await fail();
  t.equal(await succeed(), 'store-unavailable');
  breaker.reset();
  t.equal(await succeed(), 'done');
});

t.test('a clock that is set back does not lengthen the rest', async (t) => {
  const { clock, succeed, fail } = setUp();
  await fail();
  clock.advance(-3_600_000);
  t.equal(await succeed(), 'done');
});

t.test('an answer that came while this process was busy still counts', async (t) => {
  const { breaker } = setUp(20);
  // Right after this the loop looks at its timers, and at files and sockets only then.
  await new Promise(setImmediate);
  const answered = breaker.run(() => stat('.').then(() => 'done'));
  const end = performance.now() + 60;
  while (performance.now() < end);
  t.equal(await answered, 'done');
});
