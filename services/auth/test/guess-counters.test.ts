import { AppError } from '@vestibule/shared/errors';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import { logLines } from '@vestibule/shared/test/log-lines';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import t from 'tap';
import { createGuessCounters } from '../src/guess-counters.ts';

/** Two places to count in; that of the store fails as told. */
function started() {
  const clock = movableClock();
  const log = logLines();
  const fallback = memoryStore({ clock });
  const own = memoryStore({ clock });
  const fault: { error: Error | null } = { error: null };
  const store: typeof own = {
    ...own,
    async reserve(limits) {
      if (fault.error) throw fault.error;
      return own.reserve(limits);
    },
  };
  const { reserve } = createGuessCounters({ store, fallback, logger: log.logger });
  const lines = () => log.lines().map(({ level }) => level);
  return { store, fallback, fault, lines, reserve: () => reserve([{ key: 'a', limit: 2, windowMs: 1000 }]) };
}
const away = new AppError('store-unavailable');

t.test('a try is counted in the store, and can be taken back there', async (t) => {
  const { store, reserve, lines } = started();
  t.strictSame(await reserve(), { granted: true, counters: store });
  t.equal((await reserve()).granted, true);
  t.strictSame(await reserve(), { granted: false, key: 'a', retryAfterMs: 1000 });
  t.strictSame(lines(), [], 'and nothing is said of it');
});

t.test('while the store is away tries are counted elsewhere, up to the same limit', async (t) => {
  const { fallback, fault, reserve } = started();
  fault.error = away;
  t.strictSame(await reserve(), { granted: true, counters: fallback });
  t.equal((await reserve()).granted, true);
  t.strictSame(await reserve(), { granted: false, key: 'a', retryAfterMs: 1000 });
});

t.test('that the store goes and comes back is said once each', async (t) => {
  const { fault, reserve, lines } = started();
  await reserve();
  fault.error = away;
  await reserve();
  await reserve();
  t.strictSame(lines(), ['warn']);
  fault.error = null;
  await reserve();
  await reserve();
  t.strictSame(lines(), ['warn', 'info']);
  fault.error = away;
  await reserve();
  t.strictSame(lines(), ['warn', 'info', 'warn']);
});

t.test('another fault of the store counts nowhere and is passed on', async (t) => {
  const { fault, fallback, reserve, lines } = started();
  fault.error = new AppError('internal');
  await t.rejects(reserve(), { code: 'internal' });
  t.strictSame(lines(), []);
  t.equal((await fallback.reserve([{ key: 'a', limit: 1, windowMs: 1000 }])).granted, true);
});
