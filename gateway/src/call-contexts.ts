import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type CallContext, type Clock, Traceparent } from '@vestibule/shared/call-context';
import { TypeCompiler } from '@vestibule/shared/schema';
import type { TraceSpan, Tracing } from '@vestibule/shared/tracing';
import type { FastifyInstance } from 'fastify';
import { clientAddress } from './address.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Goes with every call that the request makes; `caller` is in it once a guard has found one. */
    callContext: CallContext;
    /** When its body began to be read: milliseconds since 1970. */
    readSince: number;
    /** Its part of a trace; null until it has one. */
    traceSpan: TraceSpan | null;
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
  { clock, deadlineMs, tracing }: { clock: Clock; deadlineMs: number; tracing: Tracing },
): void {
  app.decorateRequest('callContext');
  app.decorateRequest('readSince', 0);
  app.decorateRequest('traceSpan', null);
  app.addHook('onRequest', async (request, reply) => {
    const sent = request.headers.traceparent;
    const route = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
    const span = tracing.begin(route, 'server', traceparents.Check(sent) ? sent : undefined);
    request.traceSpan = span;
    request.callContext = {
      requestId: request.id,
      deadline: clock() + deadlineMs,
      address: clientAddress(request),
      ...(span.traceparent === undefined ? {} : { traceparent: span.traceparent }),
    };
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async ({ method, routeOptions, traceSpan }, { statusCode }) => {
    const { url: route = 'unknown' } = routeOptions;
    const failure = statusCode >= 500 ? String(statusCode) : undefined;
    traceSpan?.end(
      { 'http.request.method': method, 'http.route': route, 'http.response.status_code': statusCode },
      failure,
    );
  });
  app.addHook('preParsing', async (request) => {
    request.readSince = clock();
  });
  app.addHook('preValidation', async (request) => {
    request.callContext.deadline += clock() - request.readSince;
  });
}
