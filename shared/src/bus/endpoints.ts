import type { Clock } from '../call-context.ts';
import type { Contract, Contracts } from '../contracts/contract.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Handler, ServiceDefinition } from './bus.ts';
import { type BusMetrics, noBusMetrics } from './bus-metrics.ts';
import {
  type Answer,
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

type Tools = { clock: Clock; logger: Logger; metrics?: Pick<BusMetrics, 'served' | 'inFlight'> };

/** Answers one request; never rejects. */
function createAnswer<C extends Contract>(contract: C, handler: Handler<C>, { clock, logger }: Tools) {
  return async function answer({
    payload,
    readHeader,
  }: Incoming): Promise<Failure | { payload: string; code?: never }> {
    try {
      const context = readContext(readHeader);
      if (clock() >= context.deadline) throw new AppError('deadline-passed');
      return { payload: encodeReply(contract, await handler(decodeRequest(contract, payload), context)) };
    } catch (thrown) {
      const error = thrown instanceof AppError ? thrown : new AppError('internal', {}, thrown);
      const failure = encodeError(contract, error);
      if (isCommon(failure.code)) {
        const severe = failure.code === 'internal' || failure.code === 'contract-violated';
        const requestId = readHeader('x-request-id');
        logger[severe ? 'error' : 'warn'](
          { err: error, subject: contract.subject, requestId },
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
  const { metrics = noBusMetrics } = tools;

  function createEndpoint<One extends Contract>(operation: string, contract: One, handler: Handler<One>) {
    const answer = createAnswer(contract, handler, tools);
    return {
      operation,
      subject: contract.subject,
      async handle(request: Incoming, reply: (answer: Answer) => void) {
        const begin = performance.now();
        metrics.inFlight(contract.subject, 1);
        const replied = answer(request).then((given) => {
          metrics.inFlight(contract.subject, -1);
          metrics.served(contract.subject, given.code ?? 'ok', performance.now() - begin);
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
