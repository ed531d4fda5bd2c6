import type { ErrorCode } from '../errors.ts';
import { Gauge, Histogram, type Registry } from '../metrics.ts';

/** Seconds; a signed-in read takes some milliseconds, a password some tens, a deadline is five seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How a call ended: `ok`, or the code that it failed with. */
export type Outcome = 'ok' | ErrorCode;

/** Notes how long a call took, in milliseconds, and how it ended. */
export type Measure = (subject: string, outcome: Outcome, ms: number) => void;

export type BusMetrics = {
  /** As the caller saw it. */
  called: Measure;
  /** As the service that ran it did; one that came too late took no time. */
  served: Measure;
  /** Calls that a service of this process is at: 1 when it takes one, -1 when it has answered. */
  inFlight: (subject: string, change: 1 | -1) => void;
};

function histogram(registry: Registry, name: string, help: string): Measure {
  const seconds = new Histogram({
    name,
    help,
    labelNames: ['subject', 'outcome'],
    buckets,
    registers: [registry],
  });
  return (subject, outcome, ms) => seconds.observe({ subject, outcome }, ms / 1000);
}

/** What the bus of a process tells its operators: rate, errors and duration per subject, on both ends. */
export function createBusMetrics(registry: Registry): BusMetrics {
  // Counted here and told when somebody looks: the gauge makes and hashes an object for each change.
  const flying = new Map<string, number>();
  new Gauge({
    name: 'vestibule_bus_calls_in_flight',
    help: 'Calls that a service of this process is at, by subject.',
    labelNames: ['subject'],
    registers: [registry],
    collect() {
      for (const [subject, calls] of flying) this.set({ subject }, calls);
    },
  });
  return {
    called: histogram(
      registry,
      'vestibule_bus_call_seconds',
      'Duration of the calls that this process made, by subject and outcome.',
    ),
    served: histogram(
      registry,
      'vestibule_bus_served_seconds',
      'Duration of the calls that this process answered, by subject and outcome.',
    ),
    inFlight: (subject, change) => void flying.set(subject, (flying.get(subject) ?? 0) + change),
  };
}

/** For a bus that nobody watches. */
export const noBusMetrics: BusMetrics = { called() {}, served() {}, inFlight() {} };
