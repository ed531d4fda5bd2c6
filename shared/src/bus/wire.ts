import { CallContext } from '../call-context.ts';
import type { Contract, ReplyOf, RequestOf } from '../contracts/contract.ts';
import { AppError, commonErrorCodes, type ErrorCode, ErrorDetails, isErrorCode } from '../errors.ts';
import type { Static, TSchema } from '../schema.ts';
import { checkOf } from '../schema-check.ts';
import { namedFields } from './named-fields.ts';

/**
 * What crosses the bus, on either transport: JSON that fits the contract, or a code of the catalogue and
 * its details as JSON. The sender checks what it sends and the receiver what it gets. Fields that a contract
 * does not name are dropped by the receiver, at every depth: nothing unnamed reaches a handler or a dialect,
 * and replicas of two versions understand each other.
 */
export type Answer = { payload: string; code?: string };

/** A failure as its sender made it. */
export type Failure = { payload: string; code: ErrorCode };

/** Bytes of a request or reply at most: under the broker's default limit of 1 MiB, with room for headers. */
export const maxPayloadBytes = 1_000_000;

/** A UTF-16 unit becomes 3 bytes at most: what is short by that need not be counted. */
const isTooLong = (payload: string) =>
  payload.length * 3 > maxPayloadBytes && Buffer.byteLength(payload) > maxPayloadBytes;

/** Says the place and the rule, never the value: that could be a password. */
export function violation(what: string, reason: string): AppError {
  return new AppError('contract-violated', {}, new Error(`${what}: ${reason}`));
}

function assertFits<S extends TSchema>(schema: S, value: unknown, what: string): asserts value is Static<S> {
  const check = checkOf(schema);
  if (check.Check(value)) return;
  const error = check.Errors(value).First();
  throw violation(what, `${error?.path || '/'} ${error?.message}`);
}

/** JSON of what fits; fails with `contract-violated`. `what` names it in the log. */
export function encode(schema: TSchema, value: unknown, what: string): string {
  assertFits(schema, value, what);
  const payload = JSON.stringify(value);
  if (isTooLong(payload)) throw violation(what, `over ${maxPayloadBytes} bytes`);
  return payload;
}

export function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw violation(what, 'not JSON');
  }
}

/** What fits, of its named fields; fails with `contract-violated`. */
export function fitted<S extends TSchema>(schema: S, value: unknown, what: string): Static<S> {
  assertFits(schema, value, what);
  return namedFields(schema, value) as Static<S>; // It fitted, and only unnamed fields were left out.
}

/** What was sent as JSON, of its named fields; fails with `contract-violated`. */
export const decode = <S extends TSchema>(schema: S, payload: string, what: string): Static<S> =>
  fitted(schema, parse(payload, what), what);

export const encodeRequest = <C extends Contract>(contract: C, input: RequestOf<C>): string =>
  encode(contract.request, input, `request of ${contract.subject}`);
export const decodeRequest = <C extends Contract>(contract: C, payload: string): RequestOf<C> =>
  decode<C['request']>(contract.request, payload, `request of ${contract.subject}`);
export const encodeReply = <C extends Contract>(contract: C, reply: ReplyOf<C>): string =>
  encode(contract.reply, reply, `reply of ${contract.subject}`);
export const decodeReply = <C extends Contract>(contract: C, payload: string): ReplyOf<C> =>
  decode<C['reply']>(contract.reply, payload, `reply of ${contract.subject}`);

/** What a span of a call says of it (semantic conventions of messaging). */
export const busAttributes = (subject: string) => ({
  'messaging.system': 'nats',
  'messaging.destination.name': subject,
});

/** Whether any call may end with this code, so that no contract lists it. */
export const isCommon = (code: string) => commonErrorCodes.some((common) => common === code);

const mayFailWith = (contract: Contract, code: string) =>
  isErrorCode(code) && (isCommon(code) || contract.errors.includes(code));

/** A failure as it crosses: what the contract does not list crosses as `internal` and without details. */
export function encodeError(contract: Contract, { code, details }: AppError): Failure {
  if (!mayFailWith(contract, code)) return { code: 'internal', payload: '{}' };
  return { code, payload: JSON.stringify(namedFields(ErrorDetails, details)) };
}

/** The failure again, on the caller's side. Never throws: what cannot be read is `internal`. */
export function decodeError(contract: Contract, { code, payload }: Required<Answer>): AppError {
  const what = `error of ${contract.subject}`;
  if (!isErrorCode(code) || !mayFailWith(contract, code)) {
    return new AppError('internal', {}, violation(what, 'a code that the contract does not list'));
  }
  try {
    return new AppError(code, decode(ErrorDetails, payload, what));
  } catch (error) {
    return new AppError(code, {}, error);
  }
}

/** Writes a context down as headers, named as HTTP names them where it does. */
export function writeContext(context: CallContext, write: (name: string, value: string) => void): void {
  assertFits(CallContext, context, 'context');
  write('x-request-id', context.requestId);
  if (context.alsoFor !== undefined) write('x-also-for', context.alsoFor);
  write('x-deadline', String(context.deadline));
  if (context.traceparent !== undefined) write('traceparent', context.traceparent);
  if (context.caller !== undefined) write('x-caller', JSON.stringify(context.caller));
  if (context.address !== undefined) write('x-client-address', context.address);
}

/** A context of its own from headers; `read` answers `''` for a header that is not there. */
export function readContext(read: (name: string) => string): CallContext {
  const alsoFor = read('x-also-for');
  const traceparent = read('traceparent');
  const caller = read('x-caller');
  const address = read('x-client-address');
  const context = {
    requestId: read('x-request-id'),
    deadline: Number(read('x-deadline')),
    ...(alsoFor !== '' && { alsoFor }),
    ...(traceparent !== '' && { traceparent }),
    ...(caller !== '' && { caller: parse(caller, 'header x-caller') }),
    ...(address !== '' && { address }),
  };
  assertFits(CallContext, context, 'headers');
  return context;
}
