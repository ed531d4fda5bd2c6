import t from 'tap';
import { Registry } from '../src/metrics.ts';
import { createWorkQueue } from '../src/work-queue.ts';
import { watchQueue } from '../src/work-queue-metrics.ts';

t.test('what runs and what waits is shown, of each queue by its name', async (t) => {
  const registry = new Registry();
  const queue = () => createWorkQueue({ concurrency: 1, queue: 10, clock: Date.now });
  const [first, second, replaced] = [queue(), queue(), queue()];
  watchQueue(registry, 'first', replaced);
  watchQueue(registry, 'second', second);
  watchQueue(registry, 'first', first);
  const release = Promise.withResolvers<void>();
  const works = Array.from({ length: 3 }, () => first.run(Date.now() + 60_000, () => release.promise));
  const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('vestibule_'));
  t.same(lines, [
    'vestibule_work_queue{queue="first",state="running"} 1',
    'vestibule_work_queue{queue="first",state="waiting"} 2',
    'vestibule_work_queue{queue="second",state="running"} 0',
    'vestibule_work_queue{queue="second",state="waiting"} 0',
  ]);
  release.resolve();
  await Promise.all(works);
  t.same(first.depth(), { running: 0, waiting: 0 });
});
