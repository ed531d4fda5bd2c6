import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../call-context.ts';
import type { Contract, Contracts } from '../contracts/contract.ts';
import { AppError } from '../errors.ts';
import type { Handler, ServiceDefinition } from './bus.ts';
import { type Answer, decodeRequest, encodeError, encodeReply, isCommon, readContext } from './wire.ts';

/** The server's side of one contract, as a transport drives it. */
export type Endpoint = {
  operation: string;
  subject: string;
  /** Checks, runs the handler and encodes what it says. Never rejects: a failure is an answer too. */
  answer(payload: string, readHeader: (name: string) => string): Promise<Answer>;
};

type Tools = { clock: Clock; logger: FastifyBaseLogger };

function createEndpoint<C extends Contract>(
  operation: string,
  contract: C,
  handler: Handler<C>,
  { clock, logger }: Tools,
): Endpoint {
  const { subject } = contract;
  function fail(thrown: unknown, requestId: string): Answer {
    const error = thrown instanceof AppError ? thrown : new AppError('internal', {}, thrown);
    const answer = encodeError(contract, error);
    if (isCommon(answer.code)) {
      const severe = answer.code === 'internal' || answer.code === 'contract-violated';
      logger[severe ? 'error' : 'warn']({ err: thrown, subject, requestId }, 'a call failed');
    }
    return answer;
  }
  return {
    operation,
    subject,
    async answer(payload, readHeader) {
      try {
        const context = readContext(readHeader);
        if (clock() >= context.deadline) throw new AppError('deadline-passed');
        return { payload: encodeReply(contract, await handler(decodeRequest(contract, payload), context)) };
      } catch (error) {
        return fail(error, readHeader('x-request-id'));
      }
    },
  };
}

/** The endpoints of a service, and a way to wait until none of them has a call in flight. */
export function createEndpoints<C extends Contracts>(
  { contracts, handlers }: ServiceDefinition<C>,
  tools: Tools,
): { endpoints: Endpoint[]; settled(): Promise<void> } {
  const inFlight = new Set<Promise<Answer>>();
  const endpoints: Endpoint[] = [];
  for (const operation in contracts) {
    const endpoint = createEndpoint(operation, contracts[operation], handlers[operation], tools);
    endpoints.push({
      ...endpoint,
      async answer(payload, readHeader) {
        const answer = endpoint.answer(payload, readHeader);
        inFlight.add(answer);
        await answer;
        inFlight.delete(answer);
        return answer;
      },
    });
  }
  return {
    endpoints,
    async settled() {
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}
