import { Gauge, type Registry } from './metrics.ts';
import type { WorkQueue } from './work-queue.ts';

const watched = new WeakMap<Registry, Map<string, WorkQueue>>();

/** Shows how much work runs and waits, under the queue's name; a queue of the same name before it is forgotten. */
export function watchQueue(registry: Registry, name: string, queue: WorkQueue): void {
  const known = watched.get(registry);
  if (known) {
    known.set(name, queue);
    return;
  }
  const queues = new Map([[name, queue]]);
  watched.set(registry, queues);
  new Gauge({
    name: 'vestibule_work_queue',
    help: 'Heavy work that runs and that waits: passwords to hash, captchas to draw.',
    labelNames: ['queue', 'state'],
    registers: [registry],
    collect() {
      for (const [queue, { depth }] of queues) {
        const { running, waiting } = depth();
        this.set({ queue, state: 'running' }, running);
        this.set({ queue, state: 'waiting' }, waiting);
      }
    },
  });
}
