import { AccountId, AccountStatus, Role } from './contracts/account.ts';
import { type Static, Type } from './schema.ts';

/** Milliseconds since 1970, as `Date.now` gives them. Handed in, so that tests can move it. */
export type Clock = () => number;

/** Who asks, as the gateway found out. */
export const Caller = Type.Object({ accountId: AccountId, role: Role, status: AccountStatus });
export type Caller = Static<typeof Caller>;

/** The client's `x-request-id`, or one made by the gateway: visible ASCII, so that it fits every header and log. */
export const RequestId = Type.String({ pattern: '^[!-~]{1,128}$' });

/** W3C trace context, as its specification writes it. */
export const Traceparent = Type.String({
  pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]{1,128})?$',
});

/** What travels beside every call: down through every service, and into every log line. */
export const CallContext = Type.Object({
  requestId: RequestId,
  /** Further requests for which a call is made that several share, their ids between spaces. */
  alsoFor: Type.Optional(Type.String({ pattern: '^[!-~]{1,128}(?: [!-~]{1,128})*$' })),
  /**
   * When the answer is of no use any more: milliseconds since 1970. Whoever serves the call compares it
   * with its own clock, so the machines' clocks must agree as NTP keeps them.
   */
  deadline: Type.Number({ exclusiveMinimum: 0 }),
  /** Passed on as it came. */
  traceparent: Type.Optional(Traceparent),
  caller: Type.Optional(Caller),
  /** The client's address as limits count it, for the audit log; absent where the platform acts by itself. */
  address: Type.Optional(Type.String({ pattern: '^[!-~]{1,64}$' })),
});
export type CallContext = Static<typeof CallContext>;

/** Milliseconds by which the deadlines of requests that share a call may differ. */
const sharedWithinMs = 100;

/** Requests with the same text here may share a call. Those of a trace do not: it shows each with its own calls. */
export const sharingOf = ({ deadline, traceparent = '' }: CallContext): string =>
  `${Math.floor(deadline / sharedWithinMs)} ${traceparent}`;

/**
 * The context of a call that several requests share, for what it answers to any of them. It has an end in time for each,
 * and the log names all of them; to the service the first one calls.
 */
export function sharedContext([first, ...others]: readonly [CallContext, ...CallContext[]]): CallContext {
  if (others.length === 0) return first;
  const deadline = Math.min(first.deadline, ...others.map((other) => other.deadline));
  return { ...first, deadline, alsoFor: others.map(({ requestId }) => requestId).join(' ') };
}
