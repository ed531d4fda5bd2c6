import { Gauge } from '../metrics.ts';
import { createNamedSources } from '../named-sources.ts';

/** How many rows are counted at most: the count must cost nothing when very many wait. */
export const mostCounted = 10_000;

/** Shows how many events of a service wait to be published; nothing while its database does not say. */
export const watchOutbox = createNamedSources<() => Promise<number>>((registry, counts) => {
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
});
