import { AppError, codeOf, type ErrorCode } from '@vestibule/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What Fastify and its plugins say of a request that they cannot read, in the catalogue's words. */
const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'content-type-unsupported',
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: 'content-type-unsupported',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_VALIDATION: 'input-invalid',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'body-unreadable',
  FST_PARTS_LIMIT: 'body-too-large',
  FST_FIELDS_LIMIT: 'body-too-large',
  FST_FILES_LIMIT: 'body-too-large',
  FST_PROTO_VIOLATION: 'body-unreadable',
  FST_INVALID_JSON_FIELD_ERROR: 'body-unreadable',
  FST_MP_PREMATURE_CLOSE: 'body-unreadable',
  // The client went away while it sent its body.
  ECONNRESET: 'body-unreadable',
};

const frameworkCode = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';

/** Anything that was thrown on the way of a request, as an AppError; what nobody foresaw is `internal`. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError(frameworkCodes[frameworkCode(thrown)] ?? codeOf(thrown), {}, thrown);
}

const faults: readonly ErrorCode[] = ['internal', 'contract-violated'];
const outages: readonly ErrorCode[] = [
  'unavailable',
  'deadline-passed',
  'database-unavailable',
  'store-unavailable',
  'busy',
  'wechat-unavailable',
];

const limits: readonly ErrorCode[] = ['rate-limited', 'address-limited'];

/** Seconds after which a repeat makes sense when nothing better is known. */
const outageSeconds = 2;
const limitSeconds = 60;

/** Whole seconds for `Retry-After`, or undefined where waiting does not help. */
export function retryAfterSeconds({ code, details }: AppError): number | undefined {
  if (details.retryAfterSeconds !== undefined) return Math.max(1, details.retryAfterSeconds);
  if (limits.includes(code)) return limitSeconds;
  return outages.includes(code) ? outageSeconds : undefined;
}

/** Writes down what operators must know: our faults with their stack, outages by code, the rest in detail. */
export function logFailure({ log }: FastifyRequest, { code, details, cause }: AppError): void {
  if (faults.includes(code)) log.error({ code, err: cause }, 'failed');
  else if (outages.includes(code)) log.warn({ code }, 'not available');
  else log.debug({ code, details }, 'refused');
}

/** Says on the answer to a failure when to come back. */
export function sayWhenToRetry(error: AppError, reply: FastifyReply): void {
  const seconds = retryAfterSeconds(error);
  if (seconds !== undefined) reply.header('retry-after', seconds);
}

/** Logs a failure, and says on the answer when to come back. */
export function receiveFailure(thrown: unknown, request: FastifyRequest, reply: FastifyReply): AppError {
  const error = toAppError(thrown);
  logFailure(request, error);
  sayWhenToRetry(error, reply);
  return error;
}
