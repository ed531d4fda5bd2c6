import type { Clock } from '../call-context.ts';
import type { Contract, Contracts } from '../contracts/contract.ts';
import { AppError, codeOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { noTracing, type Tracing } from '../tracing.ts';
import type { Handler, ServiceDefinition } from './bus.ts';
import { type BusMetrics, noBusMetrics } from './bus-metrics.ts';
import {
  type Answer,
  busAttributes,
  decodeRequest,
  encodeError,
  encodeReply,
  type Failure,
  isCommon,
  readContext,
} from './wire.ts';

/** A request as it came: `readHeader` answers `''` for a header that is not there. */
export type Incoming = { payload: string; readHeader: (name: string) => string };

/** The server's side of one contract, as a transport drives it. */
export type Endpoint = {
  operation: string;
  subject: string;
  /** Checks, runs the handler, encodes, and gives `reply` the answer, failures too. Never rejects. */
  handle(request: Incoming, reply: (answer: Answer) => void): Promise<void>;
};

type Tools = {
  clock: Clock;
  logger: Logger;
  metrics?: Pick<BusMetrics, 'served' | 'inFlight'>;
  tracing?: Tracing;
  /** Whether a line in the log says of each call how it ended; where the gateway's own line is enough, not. */
  lines?: boolean;
};

/** The requests for which a call is made, for the lines of the log. */
function requestsOf({ readHeader }: Incoming) {
  const alsoFor = readHeader('x-also-for');
  return { requestId: readHeader('x-request-id'), ...(alsoFor !== '' && { alsoFor }) };
}

/** Runs the handler in a span of its own, under which it makes its calls. */
async function runTraced<C extends Contract>(
  contract: C,
  handler: Handler<C>,
  { payload, readHeader }: Incoming,
  { clock, tracing = noTracing }: Tools,
): Promise<string> {
  const context = readContext(readHeader);
  if (clock() >= context.deadline) throw new AppError('deadline-passed');
  const span = tracing.begin(contract.subject, 'server', context.traceparent);
  const { traceparent } = span;
  const passedOn = traceparent === undefined ? context : { ...context, traceparent };
  try {
    const reply = encodeReply(contract, await handler(decodeRequest(contract, payload), passedOn));
    span.end(busAttributes(contract.subject));
    return reply;
  } catch (error) {
    span.end(busAttributes(contract.subject), codeOf(error));
    throw error;
  }
}

/** Answers one request; never rejects. */
function createAnswer<C extends Contract>(contract: C, handler: Handler<C>, tools: Tools) {
  const { logger } = tools;
  return async function answer(incoming: Incoming): Promise<Failure | { payload: string; code?: never }> {
    try {
      return { payload: await runTraced(contract, handler, incoming, tools) };
    } catch (thrown) {
      const error = thrown instanceof AppError ? thrown : new AppError('internal', {}, thrown);
      const failure = encodeError(contract, error);
      if (isCommon(failure.code)) {
        const severe = failure.code === 'internal' || failure.code === 'contract-violated';
        logger[severe ? 'error' : 'warn'](
          { err: error, subject: contract.subject, ...requestsOf(incoming) },
          'a call failed',
        );
      }
      return failure;
    }
  };
}

/** The endpoints of a service, and a way to wait until every call in flight has been replied to. */
export function createEndpoints<C extends Contracts>(
  { contracts, handlers }: ServiceDefinition<C>,
  tools: Tools,
): { endpoints: Endpoint[]; settled(): Promise<void> } {
  const inFlight = new Set<Promise<void>>();
  const { metrics = noBusMetrics, logger, lines = false } = tools;

  function createEndpoint<One extends Contract>(operation: string, contract: One, handler: Handler<One>) {
    const answer = createAnswer(contract, handler, tools);
    return {
      operation,
      subject: contract.subject,
      async handle(request: Incoming, reply: (answer: Answer) => void) {
        const begin = performance.now();
        metrics.inFlight(contract.subject, 1);
        const replied = answer(request).then((given) => {
          const { subject } = contract;
          const outcome = given.code ?? 'ok';
          const ms = performance.now() - begin;
          metrics.inFlight(subject, -1);
          metrics.served(subject, outcome, ms);
          if (lines) {
            logger.info({ ...requestsOf(request), subject, outcome, ms: Math.round(ms) }, 'served');
          }
          reply(given);
        });
        inFlight.add(replied);
        await replied;
        inFlight.delete(replied);
      },
    };
  }

  const endpoints: Endpoint[] = [];
  for (const operation in contracts) {
    endpoints.push(createEndpoint(operation, contracts[operation], handlers[operation]));
  }
  return {
    endpoints,
    async settled() {
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}
