import type { AccountStatus, Role } from './contracts/account.ts';

/** Milliseconds since 1970, as `Date.now` gives them. Handed in, so that tests can move it. */
export type Clock = () => number;

/** Who asks, as the gateway found out. */
export type Caller = { accountId: number; role: Role; status: AccountStatus };

/** What travels beside every call: down through every service, and into every log line. */
export type CallContext = {
  /** The client's `x-request-id`, or one made by the gateway. */
  requestId: string;
  /** When the answer is of no use any more: milliseconds since 1970. */
  deadline: number;
  /** W3C trace context, passed on as it came. */
  traceparent?: string;
  caller?: Caller;
};
