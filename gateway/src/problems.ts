import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorCode } from '@vestibule/shared/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requestIdOf } from './call-contexts.ts';
import { receiveFailure } from './failures.ts';

/** HTTP statuses for what belongs to no dialect: unknown paths, keys, health. */
const statuses = {
  unavailable: 503,
  'deadline-passed': 503,
  'database-unavailable': 503,
  'store-unavailable': 503,
  busy: 503,
  'contract-violated': 500,
  internal: 500,
  'body-unreadable': 400,
  'content-type-unsupported': 415,
  'body-too-large': 413,
  'input-invalid': 400,
  'json-invalid': 400,
  'json-unfit': 400,
  'origin-foreign': 403,
  'rate-limited': 429,
  'session-dead': 401,
  'not-allowed': 403,
  'account-pending': 403,
  'account-unknown': 404,
  'account-inactive': 403,
  'account-is-admin': 403,
  'account-not-pending': 409,
  'last-admin': 409,
  'identity-taken': 409,
  'credentials-wrong': 401,
  'password-weak': 400,
  'admin-registration-closed': 403,
  'address-limited': 429,
  'captcha-unknown': 400,
  'captcha-wrong': 400,
  'sms-not-sent': 503,
  'code-unknown': 400,
  'code-wrong': 400,
  'wechat-refused': 400,
  'wechat-unavailable': 503,
  'wechat-data-invalid': 400,
  'process-unknown': 404,
  'process-running': 409,
  'instance-unknown': 404,
  'instance-claimed': 409,
  'instance-finished': 409,
  'task-unknown': 404,
  'task-taken': 409,
  'task-finished': 409,
  'idempotency-conflict': 409,
  'definition-invalid': 400,
} satisfies Record<ErrorCode, number>;

const mediaType = 'application/problem+json';
/** RFC 9457: without a type of its own, a problem is its HTTP status. */
const problem = (status: number) => ({ type: 'about:blank', title: STATUS_CODES[status], status });

function answerProblem(reply: FastifyReply, status: number): FastifyReply {
  return reply.code(status).type(mediaType).send(problem(status));
}

/** Headers of an answer that no hook sees. */
const bareHeaders = (requestId: string) => ({
  'x-request-id': requestId,
  'x-content-type-options': 'nosniff',
});

/** The answer to a URL that no router can read; it comes before every hook. */
export function refuseUrl(_error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  answerProblem(reply.headers(bareHeaders(request.id)), 404);
}

const socketStatuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** The answer to bytes that are no HTTP request, to too many headers, and to a request that came too slowly. */
export function refuseConnection(error: Error & { code: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = socketStatuses[error.code] ?? 400;
  const body = JSON.stringify(problem(status));
  const headers = {
    'content-type': mediaType,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    ...bareHeaders(requestIdOf({ headers: {} })),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`, () =>
    socket.destroy(),
  );
}

/**
 * HTTP/1.1 wants the name of the host (RFC 9112, 3.2). Refused here, where it has its answer, and not by Node,
 * whose own has neither a body nor the request's id.
 */
export function refuseHostless(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ headers, raw }, reply) => {
    if (headers.host === undefined && raw.httpVersion !== '1.0') return answerProblem(reply, 400);
  });
}

/** What is answered outside of the dialects when something fails: problem details (RFC 9457). */
export function answerProblems(app: FastifyInstance): void {
  app.setNotFoundHandler((_request, reply) => answerProblem(reply, 404));
  app.setErrorHandler((thrown, request, reply) => {
    const error = receiveFailure(thrown, request, reply);
    // A path that does not exist stays unknown, whatever else is wrong with the request.
    return answerProblem(reply, request.is404 ? 404 : statuses[error.code]);
  });
}
