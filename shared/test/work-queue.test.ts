import { codeOf } from '@vestibule/shared/errors';
import { createWorkQueue } from '@vestibule/shared/work-queue';
import t from 'tap';

/** Work that lasts until it is told to end. */
function heldWork() {
  const begun: PromiseWithResolvers<string>[] = [];
  return {
    begun,
    work: () => {
      const piece = Promise.withResolvers<string>();
      begun.push(piece);
      return piece.promise;
    },
  };
}

const codeOfFailure = (work: Promise<unknown>) => work.then(() => 'done', codeOf);
const later = () => new Promise<void>((resolve) => setImmediate(resolve));

t.test('as many pieces run at once as are allowed, in the order of asking', async (t) => {
  const { run } = createWorkQueue({ concurrency: 2, queue: 10, clock: () => 0 });
  const { begun, work } = heldWork();
  const all = Promise.all([1, 2, 3, 4].map(() => run(1, work)));
  await later();
  t.equal(begun.length, 2);
  begun[1]?.resolve('second');
  await later();
  t.equal(begun.length, 3);
  begun[0]?.resolve('first');
  begun[2]?.resolve('third');
  await later();
  begun[3]?.resolve('fourth');
  t.strictSame(await all, ['first', 'second', 'third', 'fourth']);
});

t.test('beyond the queue work is refused as busy, at once and without being begun', async (t) => {
  const { run } = createWorkQueue({ concurrency: 1, queue: 1, clock: () => 0 });
  const { begun, work } = heldWork();
  const first = run(1, work);
  const second = run(1, work);
  t.equal(await codeOfFailure(run(1, work)), 'busy');
  begun[0]?.resolve('first');
  await first;
  await later();
  t.equal(begun.length, 2);
  begun[1]?.resolve('second');
  t.equal(await second, 'second');
});

t.test('what would wait for most of its time is refused, by how long work takes', async (t) => {
  let now = 0;
  const { run, insistOnRoom } = createWorkQueue({ concurrency: 2, queue: 100, clock: () => now });
  // Each takes 100 ms, until that is their average.
  for (let round = 0; round < 100; round += 1) {
    await run(now + 1000, async () => {
      now += 100;
    });
  }
  const { begun, work } = heldWork();
  const deadline = now + 1000;
  const taken = Array.from({ length: 19 }, () => run(deadline, work));
  await later();
  t.equal(await codeOfFailure(run(deadline, work)), 'busy', '17 wait, for 850 ms');
  t.throws(() => insistOnRoom(deadline), { code: 'busy' });
  insistOnRoom(deadline + 1000);
  for (let next = 0; next < 19; next += 1) {
    begun[next]?.resolve('done');
    await later();
  }
  t.strictSame(await Promise.all(taken), Array(19).fill('done'));
});

t.test(
  'what is not begun before its deadline is not begun at all, and the next one has its turn',
  async (t) => {
    let now = 0;
    const { run } = createWorkQueue({ concurrency: 1, queue: 5, clock: () => now });
    const { begun, work } = heldWork();
    const first = run(10, work);
    const late = codeOfFailure(run(10, work));
    const patient = run(100, work);
    await later();
    now = 10;
    begun[0]?.resolve('first');
    t.equal(await first, 'first');
    t.equal(await late, 'deadline-passed');
    await later();
    t.equal(begun.length, 2);
    begun[1]?.resolve('patient');
    t.equal(await patient, 'patient');
  },
);

t.test('work that fails gives its turn on', async (t) => {
  const { run } = createWorkQueue({ concurrency: 1, queue: 5, clock: () => 0 });
  const failing = codeOfFailure(run(1, () => Promise.reject(new Error('no'))));
  t.equal(await run(1, async () => 'fine'), 'fine');
  t.equal(await failing, 'internal');
});
