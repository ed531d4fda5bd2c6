import type { Clock } from '../call-context.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Tracing } from '../tracing.ts';
import { createAlarms } from './alarms.ts';
import type { Bus, Served } from './bus.ts';
import type { BusMetrics } from './bus-metrics.ts';
import { createCall } from './caller.ts';
import { createEndpoints, type Endpoint } from './endpoints.ts';
import { writeContext } from './wire.ts';

/**
 * The bus inside one process. It serialises, checks and limits as the broker's bus does, so that a fault
 * against a contract shows here too. Services of one name take turns.
 */
export function memoryBus(tools: {
  clock: Clock;
  logger: Logger;
  metrics?: BusMetrics;
  tracing?: Tracing;
}): Bus {
  const endpointsBySubject = new Map<string, Endpoint[]>();
  const served = new Set<Served>();
  let open = true;

  /** The endpoint whose turn it is goes to the end of the line. */
  function next(subject: string): Endpoint | undefined {
    const line = endpointsBySubject.get(subject);
    const endpoint = line?.shift();
    if (endpoint !== undefined) line?.push(endpoint);
    return endpoint;
  }

  const alarms = createAlarms();
  const call = createCall({
    ...tools,
    alarms,
    async send(subject, payload, context, timeoutMs) {
      const headers = new Map<string, string>();
      writeContext(context, (name, value) => headers.set(name, value));
      const endpoint = next(subject);
      if (endpoint === undefined) throw new AppError('unavailable');
      return new Promise((resolve, reject) => {
        const deadline = alarms.set(timeoutMs, () => reject(new AppError('deadline-passed')));
        const readHeader = (name: string) => headers.get(name) ?? '';
        void endpoint.handle({ payload, readHeader }, (answer) => {
          alarms.clear(deadline);
          resolve(answer);
        });
      });
    },
  });

  return {
    call,
    async serve(service) {
      if (!open) throw new AppError('unavailable');
      const { endpoints, settled } = createEndpoints(service, tools);
      for (const endpoint of endpoints) {
        const line = endpointsBySubject.get(endpoint.subject) ?? [];
        endpointsBySubject.set(endpoint.subject, [...line, endpoint]);
      }
      const self: Served = {
        async drain() {
          served.delete(self);
          for (const endpoint of endpoints) {
            const line = endpointsBySubject.get(endpoint.subject) ?? [];
            endpointsBySubject.set(
              endpoint.subject,
              line.filter((other) => other !== endpoint),
            );
          }
          await settled();
        },
      };
      served.add(self);
      return self;
    },
    connected: () => open,
    async close() {
      // The last first: its calls in flight may need the earlier ones.
      for (const service of [...served].reverse()) await service.drain();
      open = false;
    },
  };
}
