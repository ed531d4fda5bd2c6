import { Gauge } from './metrics.ts';
import { createNamedSources } from './named-sources.ts';
import type { WorkQueue } from './work-queue.ts';

/** Shows how much work runs and waits, under the queue's name; a queue of the same name before it is forgotten. */
export const watchQueue = createNamedSources<WorkQueue>((registry, queues) => {
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
});
