import { Counter, Gauge, type Registry } from '@vestibule/shared/metrics';
import type { DueKind } from './due-repository.ts';

const names = {
  fired: 'vestibule_process_due_total',
  overdue: 'vestibule_process_overdue_tasks',
  waiting: 'vestibule_process_waiting_actions',
} as const;

/** The figures of the process service, on the process's registry until `remove`. */
export function createMetrics(registry: Registry) {
  const registers = [registry];
  const fired = new Counter({
    name: names.fired,
    help: 'Tasks whose reminder or due time this process found to have come.',
    labelNames: ['kind'],
    registers,
  });
  const overdue = new Gauge({
    name: names.overdue,
    help: 'Tasks that are overdue and not done, of all replicas together.',
    registers,
  });
  const waiting = new Gauge({
    name: names.waiting,
    help: 'Actions on accounts that are not done yet, of all replicas together.',
    registers,
  });
  return {
    fired: (kind: DueKind, tasks: number) => fired.inc({ kind }, tasks),
    overdue: (tasks: number) => overdue.set(tasks),
    waiting: (actions: number) => waiting.set(actions),
    /** A start that failed is tried again, on the same registry. */
    remove() {
      for (const name of Object.values(names)) registry.removeSingleMetric(name);
    },
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
