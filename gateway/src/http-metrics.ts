import { Histogram, type Registry } from '@vestibule/shared/metrics';
import type { FastifyInstance } from 'fastify';

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Rate, errors and duration of each operation, under the pattern of its route: what a client writes into a URL
 * never becomes a label.
 */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const seconds = new Histogram({
    name: 'vestibule_http_request_seconds',
    help: 'Duration of answered requests by dialect, operation and status.',
    labelNames: ['dialect', 'operation', 'status'],
    buckets,
    registers: [registry],
  });
  app.addHook('onResponse', async ({ method, routeOptions: { url, schema } }, reply) => {
    const [dialect = 'none'] = schema?.tags ?? [];
    const operation = url === undefined ? 'unknown' : `${method} ${url}`;
    seconds.observe({ dialect, operation, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
}
