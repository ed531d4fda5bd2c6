import {
  headers,
  type Msg,
  ErrorCode as NatsCode,
  NatsError,
  ServiceErrorHeader,
  type ServiceMsg,
} from 'nats';
import type { Clock } from '../call-context.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Tracing } from '../tracing.ts';
import type { Bus, Served } from './bus.ts';
import type { BusMetrics } from './bus-metrics.ts';
import { createCall, standardSecondTryMs } from './caller.ts';
import { createEndpoints, type Endpoint } from './endpoints.ts';
import { type BrokerConnection, connectToBroker } from './nats-connection.ts';
import { announceReplica, replicaSubject, watchReplicas } from './nats-replicas.ts';
import { type Answer, isCommon, violation, writeContext } from './wire.ts';

/** What the library's failures of a request mean; any other is `internal`. */
const meanings: Partial<Record<string, ErrorCode>> = {
  [NatsCode.NoResponders]: 'unavailable',
  [NatsCode.Disconnect]: 'unavailable',
  [NatsCode.ConnectionClosed]: 'unavailable',
  [NatsCode.ConnectionDraining]: 'unavailable',
  [NatsCode.Timeout]: 'deadline-passed',
};

function rebuild(error: unknown, subject: string): unknown {
  if (!(error instanceof NatsError)) return error;
  if (error.code === NatsCode.MaxPayloadExceeded) return violation(subject, "over the broker's max_payload");
  const code = meanings[error.code];
  return code === undefined ? error : new AppError(code);
}

/** As the services framework writes it: a number for its tools, the catalogue's code, the details as body. */
function respond(message: ServiceMsg, { code, payload }: Answer): void {
  if (code === undefined) message.respond(payload);
  else message.respondError(isCommon(code) ? 500 : 400, code, Buffer.from(payload));
}

/**
 * The bus between processes. Services are announced through the NATS services framework under their own
 * name; subjects are `NAMESPACE.service.operation`, the queue group of a service's replicas is its name.
 * Resolves when the broker is reached first; from then on it reconnects for as long as the process lives.
 *
 * Calls go in turn to the replicas that say that they live (nats-replicas.ts), and what may be asked twice is asked
 * again after `secondTryMs`: so one that hangs is left alone within seconds. While the broker is away, `call` fails
 * at once. A call that was under way then, or that a frozen broker holds, ends at its deadline; a service refuses it
 * when it arrives later. Events go over the same connection:
 * `broker`, which belongs to the bus.
 */
export async function natsBus(settings: {
  /** `NATS_URL`. */
  url: string;
  namespace: string;
  /** Of the connection, as the broker lists it. */
  name: string;
  clock: Clock;
  logger: Logger;
  /** `BUS_SECOND_TRY_MS`. */
  secondTryMs?: number;
  metrics?: BusMetrics;
  tracing?: Tracing;
}): Promise<Bus & { broker: BrokerConnection }> {
  const { url, namespace, name, clock, logger, secondTryMs = standardSecondTryMs } = settings;
  const watchers = {
    ...(settings.metrics && { metrics: settings.metrics }),
    ...(settings.tracing && { tracing: settings.tracing }),
  };
  const broker = await connectToBroker({ url, name, logger });
  const served = new Set<Served>();

  const replicas = watchReplicas(broker.nats, namespace);

  /** Asks the replica whose turn it is; when none is known, or it is gone, whichever the queue group picks. */
  async function requestOne(
    subject: string,
    asked: Set<string>,
    request: (to: string) => Promise<Msg>,
  ): Promise<Msg> {
    const [service = '', operation = ''] = subject.split('.');
    const id = replicas.next(service, asked);
    if (id !== undefined) {
      asked.add(id);
      try {
        return await request(replicaSubject(namespace, service, id, operation));
      } catch (error) {
        // It was not delivered to anybody.
        if (!(error instanceof NatsError && error.code === NatsCode.NoResponders)) throw error;
        replicas.forget(service, id);
      }
    }
    return request(`${namespace}.${subject}`);
  }

  const call = createCall({
    clock,
    logger,
    secondTryMs,
    ...watchers,
    async send(subject, payload, context, timeoutMs, asked) {
      const sent = headers();
      writeContext(context, (header, value) => sent.append(header, value));
      if (!broker.connected()) throw new AppError('unavailable');
      try {
        const timeout = Math.ceil(timeoutMs);
        const options = { headers: sent, timeout };
        const reply = await requestOne(subject, asked, (to) => broker.nats.request(to, payload, options));
        const code = reply.headers?.get(ServiceErrorHeader) ?? '';
        return code === '' ? { payload: reply.string() } : { code, payload: reply.string() };
      } catch (error) {
        throw rebuild(error, subject);
      }
    },
  });

  function receive({ handle, subject }: Endpoint, message: ServiceMsg): void {
    // Without a reply subject it is no call: nobody would get the answer.
    if (message.reply === '') return;
    const readHeader = (header: string) => message.headers?.get(header) ?? '';
    void handle({ payload: message.string(), readHeader }, (answer) => {
      try {
        respond(message, answer);
      } catch (error) {
        // The broker allows less than our own limit: the caller must learn it before its deadline.
        logger.error(
          { err: error, subject, requestId: readHeader('x-request-id') },
          'an answer cannot be sent',
        );
        respond(message, { code: 'contract-violated', payload: '{}' });
      }
    });
  }

  return {
    broker,
    call,
    async serve(service) {
      if (broker.nats.isClosed()) throw new AppError('unavailable');
      const { endpoints, settled } = createEndpoints(service, {
        clock,
        logger,
        lines: true,
        ...watchers,
      });
      const { name: queue, version } = service;
      const announced = await broker.nats.services.add({
        name: queue,
        version,
        queue,
        metadata: { namespace },
      });
      for (const endpoint of endpoints) {
        announced.addEndpoint(endpoint.operation, {
          subject: `${namespace}.${endpoint.subject}`,
          handler: (_error, message) => receive(endpoint, message),
        });
      }
      const { id } = announced.info();
      const byOperation = new Map(endpoints.map((one) => [one.subject.split('.')[1], one]));
      announced.addEndpoint('replica', {
        subject: replicaSubject(namespace, queue, id, '*'),
        handler(_error, message) {
          const endpoint = byOperation.get(message.subject.slice(message.subject.lastIndexOf('.') + 1));
          if (endpoint) receive(endpoint, message);
        },
      });
      void announced.stopped.then((error) => {
        if (error) logger.fatal({ err: error, service: queue }, 'the service is not served any more');
      });
      // From here on calls find it, unless the broker is away; then they do after its return.
      await broker.patiently(broker.nats.flush());
      const announcement = announceReplica(broker.nats, { namespace, service: queue, id });
      const self: Served = {
        async drain() {
          served.delete(self);
          announcement.leave();
          // The connection's own drain would drop what is in flight: first no new calls, then the answers.
          await broker.patiently(announced.stop());
          await settled();
        },
      };
      served.add(self);
      return self;
    },
    connected: broker.connected,
    async close() {
      // The last first: its calls in flight may need the earlier ones.
      for (const service of [...served].reverse()) await service.drain();
      await broker.close();
    },
  };
}
