import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type CallContext, type Clock, Traceparent } from '@vestibule/shared/call-context';
import { TypeCompiler } from '@vestibule/shared/schema';
import type { FastifyInstance } from 'fastify';
import { clientAddress } from './address.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Goes with every call that the request makes; `caller` is in it once a guard has found one. */
    callContext: CallContext;
    /** When its body began to be read: milliseconds since 1970. */
    readSince: number;
  }
}

const traceparents = TypeCompiler.Compile(Traceparent);

/** The client's `x-request-id` when it can stand in every log and header as it is, else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(given) ? given : randomUUID();
}

/**
 * Gives each request its context, and each answer the request's id. The deadline stands still while the
 * body is read: what a slow client needs to send it is not ours to answer for.
 */
export function addCallContexts(
  app: FastifyInstance,
  { clock, deadlineMs }: { clock: Clock; deadlineMs: number },
): void {
  app.decorateRequest('callContext');
  app.decorateRequest('readSince', 0);
  app.addHook('onRequest', async (request, reply) => {
    const { traceparent } = request.headers;
    request.callContext = {
      requestId: request.id,
      deadline: clock() + deadlineMs,
      address: clientAddress(request),
      ...(traceparents.Check(traceparent) ? { traceparent } : {}),
    };
    reply.header('x-request-id', request.id);
  });
  app.addHook('preParsing', async (request) => {
    request.readSince = clock();
  });
  app.addHook('preValidation', async (request) => {
    request.callContext.deadline += clock() - request.readSince;
  });
}
