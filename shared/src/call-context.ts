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
