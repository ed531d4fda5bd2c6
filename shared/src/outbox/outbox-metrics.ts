import { Gauge, type Registry } from '../metrics.ts';

/** How many rows are counted at most: the count must cost nothing when very many wait. */
export const mostCounted = 10_000;

type Count = () => Promise<number>;
const watched = new WeakMap<Registry, Map<string, Count>>();

/** Shows how many events of a service wait to be published; nothing while its database does not say. */
export function watchOutbox(registry: Registry, service: string, count: Count): void {
  const known = watched.get(registry);
  if (known) {
    known.set(service, count);
    return;
  }
  const counts = new Map([[service, count]]);
  watched.set(registry, counts);
  new Gauge({
    name: 'vestibule_outbox_waiting',
    help: `Events of a service that wait to be published, of all replicas together; ${mostCounted} and more are ${mostCounted}.`,
    labelNames: ['service'],
    registers: [registry],
    async collect() {
      this.reset();
      await Promise.all(
        [...counts].map(([service, ask]) =>
          ask().then(
            (waiting) => this.set({ service }, waiting),
            () => undefined,
          ),
        ),
      );
    },
  });
}
