import { Gauge, type Registry } from '../metrics.ts';

/** What is asked of a pool of connections. */
type Counted = { totalCount: number; idleCount: number; waitingCount: number };

/** Shows how far a pool is used: connections that are lent and idle, and queries that wait for one. */
export function watchPool(registry: Registry, pool: Counted): void {
  new Gauge({
    name: 'vestibule_database_pool',
    help: 'Connections to Postgres that are lent or idle, and queries that wait for one.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'lent' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
}
