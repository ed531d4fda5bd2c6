import { Gauge, type Registry } from '../metrics.ts';

/** What is asked of a pool of connections. */
type Counted = { totalCount: number; idleCount: number; waitingCount: number };

/** Shows how far a pool is used: connections that are lent, idle, or shared by reads, and queries that wait for one. */
export function watchPool(registry: Registry, pool: Counted, shared: { count(): number }): void {
  new Gauge({
    name: 'vestibule_database_pool',
    help: 'Connections to Postgres that are lent, idle, or shared by reads, and queries that wait for one.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'lent' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'shared' }, shared.count());
      this.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
}
