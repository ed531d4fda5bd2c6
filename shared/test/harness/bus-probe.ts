import type { Test } from 'tap';
import type { Bus, Handler, Served } from '../../src/bus/bus.ts';
import type { CallContext, Clock } from '../../src/call-context.ts';
import { contract } from '../../src/contracts/contract.ts';
import { AppError, type ErrorCode, type ErrorDetails } from '../../src/errors.ts';
import type { Logger } from '../../src/logger.ts';
import { Type } from '../../src/schema.ts';
import { logLines } from './log-lines.ts';

const Note = Type.Object({
  text: Type.String({ maxLength: 2_000_000 }),
  inner: Type.Optional(Type.Object({ depth: Type.Integer() })),
});

/** A service made for the tests of the bus. */
export const probe = {
  echo: contract({
    subject: 'probe.echo',
    summary: 'Answers what it was sent.',
    request: Note,
    reply: Note,
    errors: ['account-unknown', 'rate-limited'],
    idempotent: true,
  }),
} as const;

/** The same subject as an older or newer version of the service understands it. */
export const laxer = contract({ ...probe.echo, request: Type.Unknown(), reply: Type.Unknown() });

/**
 * Opens the two ends of one bus for one test, apart from all other tests, and closes them at its end; of
 * the memory bus, the same end twice.
 */
export type OpenBus = (
  t: Test,
  parts: { clock: Clock; logger: Logger },
) => Promise<{ caller: Bus; server: Bus }>;

/** Both ends of a bus, a way to serve the probe, and what both ends log. */
export async function openProbe(t: Test, open: OpenBus, clock: Clock = Date.now) {
  const log = logLines();
  const { caller, server } = await open(t, { clock, logger: log.logger });
  const serve = (echo: Handler<typeof probe.echo>, bus = server): Promise<Served> => serveProbe(bus, echo);
  return { caller, server, serve, log };
}

export function serveProbe(bus: Bus, echo: Handler<typeof probe.echo>): Promise<Served> {
  return bus.serve({ name: 'probe', version: '1.2.3', contracts: probe, handlers: { echo } });
}

export function probeContext(rest: Partial<CallContext> = {}): CallContext {
  return { requestId: 'request-1', deadline: Date.now() + 10_000, ...rest };
}

/** The code and details of a call that must fail. */
export async function failure(call: Promise<unknown>): Promise<[ErrorCode, ErrorDetails]> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error('not an AppError', { cause: error });
  return [error.code, error.details];
}

/** What meets a farewell on its way may still be taken; once calls find nobody, the farewell is over. */
export async function untilNobodyServes(caller: Bus): Promise<void> {
  let refused = 0;
  while (refused < 20) {
    const late = caller.call(probe.echo, { text: '' }, probeContext({ deadline: Date.now() + 200 }));
    if ((await failure(late))[0] === 'unavailable') refused++;
  }
}
