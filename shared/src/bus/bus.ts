import type { CallContext } from '../call-context.ts';
import type { Contract, Contracts, ReplyOf, RequestOf } from '../contracts/contract.ts';

/** Answers one contract. What it throws crosses the bus as its code; anything but an AppError is `internal`. */
export type Handler<C extends Contract> = (input: RequestOf<C>, context: CallContext) => Promise<ReplyOf<C>>;

/** A handler for each contract of a service: one forgotten, or one too many, does not compile. */
export type Handlers<C extends Contracts> = { readonly [Operation in keyof C]: Handler<C[Operation]> };

/** A service as the bus announces it. Replicas of one name share the work. */
export type ServiceDefinition<C extends Contracts> = {
  /** The first word of its subjects. */
  name: string;
  /** Semantic version, shown by discovery tools. */
  version: string;
  contracts: C;
  handlers: Handlers<C>;
};

/** What a served service gives back: stops taking calls, answers those in flight, then resolves. */
export type Served = { drain(): Promise<void> };

/**
 * Request and reply between services. Both transports serialise, and validate on both ends; what a contract
 * does not name is dropped by the receiver.
 *
 * `call` fails with an AppError and never hangs:
 * - `unavailable`, at once: nobody serves the subject, or the broker is known to be away. Not proof that
 *   nothing was done: a service that was reached says so too when another one that it needs is away.
 * - `deadline-passed`: no answer came before `context.deadline`. It may have been run, but a service refuses
 *   it after the deadline, by its own clock: the machines' clocks must be kept together (NTP).
 * - `contract-violated`: request or reply break the contract, or exceed a million bytes. The log says where.
 * - the code that the handler threw, if it is common or in the contract's `errors`; else `internal`.
 */
export type Bus = {
  call<C extends Contract>(contract: C, input: RequestOf<C>, context: CallContext): Promise<ReplyOf<C>>;
  serve<C extends Contracts>(service: ServiceDefinition<C>): Promise<Served>;
  /** Whether calls can be sent now; for readiness. */
  connected(): boolean;
  /** Drains what is served here, then disconnects. */
  close(): Promise<void>;
};
