import {
  ErrorCode as NatsCode,
  NatsError,
  ServiceErrorCodeHeader,
  ServiceErrorHeader,
  type ServiceMsg,
} from 'nats';
import type { Clock } from '../call-context.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Tracing } from '../tracing.ts';
import { createAlarms } from './alarms.ts';
import type { Bus, Served } from './bus.ts';
import type { BusMetrics } from './bus-metrics.ts';
import { createCall, standardSecondTryMs } from './caller.ts';
import { createEndpoints, type Endpoint } from './endpoints.ts';
import { type BrokerConnection, connectToBroker } from './nats-connection.ts';
import { readMessage } from './nats-messages.ts';
import { announceReplica, replicaSubject, watchReplicas } from './nats-replicas.ts';
import { openRequests } from './nats-requests.ts';
import { type Answer, isCommon, violation, writeContext } from './wire.ts';

/** What the library's failures to send mean; any other is `internal`. */
const meanings: Partial<Record<string, ErrorCode>> = {
  [NatsCode.ConnectionClosed]: 'unavailable',
  [NatsCode.ConnectionDraining]: 'unavailable',
};

function rebuild(error: unknown, subject: string): unknown {
  if (!(error instanceof NatsError)) return error;
  if (error.code === NatsCode.MaxPayloadExceeded) return violation(subject, "over the broker's max_payload");
  const code = meanings[error.code];
  return code === undefined ? error : new AppError(code);
}

/** As the services framework writes it: a number for its tools, the catalogue's code, the details as body. */
const errorHeaders = (code: string) =>
  `${ServiceErrorCodeHeader}: ${isCommon(code) ? 500 : 400}\r\n${ServiceErrorHeader}: ${code}\r\n`;

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

  /** To the replica whose turn it is; where none is known, or it is gone, to whichever the queue group picks. */
  function wayTo(
    subject: string,
    asked: Set<string>,
  ): { subject: string; elsewhere: () => string | undefined } {
    const anybody = `${namespace}.${subject}`;
    const [service = '', operation = ''] = subject.split('.');
    const id = replicas.next(service, asked);
    if (id === undefined) return { subject: anybody, elsewhere: () => undefined };
    asked.add(id);
    let gone = false;
    return {
      subject: replicaSubject(namespace, service, id, operation),
      elsewhere() {
        if (gone) return undefined;
        gone = true;
        replicas.forget(service, id);
        return anybody;
      },
    };
  }

  const alarms = createAlarms();
  const ask = openRequests({ broker, alarms });

  const call = createCall({
    clock,
    logger,
    alarms,
    secondTryMs,
    ...watchers,
    async send(subject, payload, context, timeoutMs, asked) {
      let headers = '';
      writeContext(context, (header, value) => {
        headers += `${header}: ${value}\r\n`;
      });
      if (!broker.connected()) throw new AppError('unavailable');
      try {
        return await ask({ ...wayTo(subject, asked), payload, headers, timeoutMs });
      } catch (error) {
        throw rebuild(error, subject);
      }
    },
  });

  function receive({ handle, subject }: Endpoint, message: ServiceMsg): void {
    const { reply = '' } = message;
    // Without a reply subject it is no call: nobody would get the answer.
    if (reply === '') return;
    const { payload, read } = readMessage(message);
    const respond = ({ code, payload }: Answer) =>
      broker.send({ subject: reply, payload, ...(code !== undefined && { headers: errorHeaders(code) }) });
    void handle({ payload, readHeader: read }, (answer) => {
      try {
        respond(answer);
      } catch (error) {
        // The broker allows less than our own limit: the caller must learn it before its deadline.
        logger.error({ err: error, subject, requestId: read('x-request-id') }, 'an answer cannot be sent');
        respond({ code: 'contract-violated', payload: '{}' });
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
