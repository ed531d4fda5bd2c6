/** The one door to the metrics library. Each process has one registry, shown as `/metrics` on its ops port. */
export { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';
