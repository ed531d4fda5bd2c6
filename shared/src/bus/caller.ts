import type { CallContext, Clock } from '../call-context.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { noTracing, type Tracing } from '../tracing.ts';
import type { Alarm, Alarms } from './alarms.ts';
import type { Bus } from './bus.ts';
import { type BusMetrics, noBusMetrics, type Outcome } from './bus-metrics.ts';
import { type Answer, busAttributes, decodeError, decodeReply, encodeRequest } from './wire.ts';

/**
 * What a transport adds: takes a payload there and its answer back. Rejects with `unavailable` when the
 * call cannot be sent, so that nobody runs it, and with `deadline-passed` when no answer came `timeoutMs`
 * after; then it may have been run.
 */
export type Send = (
  subject: string,
  payload: string,
  context: CallContext,
  timeoutMs: number,
  /** Who was asked already; the transport adds whom it asks, and asks another one if it can. */
  asked: Set<string>,
) => Promise<Answer>;

type Attempt = (timeoutMs: number) => Promise<Answer>;

/** Milliseconds without an answer after which another replica is asked; well over what a slow query takes. */
export const standardSecondTryMs = 400;

/** How often a call that may be repeated is sent at most; each time it waits twice as long for an answer. */
const mostTries = 3;

/**
 * Sends again when no answer comes, so that a replica that hangs is left for another one; the first answer
 * counts, and the last failure when there is none.
 */
function sendAgain(
  send: Attempt,
  { alarms, timeoutMs, secondTryMs }: { alarms: Alarms; timeoutMs: number; secondTryMs: number },
): Promise<Answer> {
  const end = performance.now() + timeoutMs;
  return new Promise((resolve, reject) => {
    let nextTry: Alarm | undefined;
    let underWay = 0;
    function settle(finish: () => void): void {
      if (nextTry) alarms.clear(nextTry);
      finish();
    }
    function attempt(number: number): void {
      const leftMs = end - performance.now();
      if (leftMs <= 0) return;
      underWay += 1;
      const waitMs = secondTryMs * 2 ** (number - 1);
      if (number < mostTries && waitMs < leftMs) {
        nextTry = alarms.set(waitMs, () => attempt(number + 1));
      }
      send(leftMs).then(
        (answer) => settle(() => resolve(answer)),
        (error: unknown) => {
          underWay -= 1;
          if (underWay === 0) settle(() => reject(error));
        },
      );
    }
    attempt(1);
  });
}

/**
 * The caller's side of the bus, the same on both transports. `secondTryMs`: after so many milliseconds without
 * an answer what may be asked twice is asked again; absent where there is nobody else to ask.
 */
export function createCall(tools: {
  send: Send;
  clock: Clock;
  logger: Logger;
  alarms: Alarms;
  secondTryMs?: number;
  metrics?: Pick<BusMetrics, 'called'>;
  tracing?: Tracing;
}): Bus['call'] {
  const { send, clock, logger, alarms, secondTryMs, metrics = noBusMetrics, tracing = noTracing } = tools;
  return async function call(contract, input, context) {
    const begin = performance.now();
    const span = tracing.begin(contract.subject, 'client', context.traceparent);
    const { traceparent } = span;
    const sent = traceparent === undefined ? context : { ...context, traceparent };
    let outcome: Outcome = 'ok';
    try {
      const request = encodeRequest(contract, input);
      const timeoutMs = context.deadline - clock();
      if (timeoutMs <= 0) throw new AppError('deadline-passed');
      const asked = new Set<string>();
      const attempt: Attempt = (waitMs) => send(contract.subject, request, sent, waitMs, asked);
      const repeats = contract.idempotent && secondTryMs !== undefined;
      const { code, payload } = await (repeats
        ? sendAgain(attempt, { alarms, timeoutMs, secondTryMs })
        : attempt(timeoutMs));
      if (code !== undefined) throw decodeError(contract, { code, payload });
      return decodeReply(contract, payload);
    } catch (thrown) {
      const error = thrown instanceof AppError ? thrown : new AppError('internal', {}, thrown);
      outcome = error.code;
      // Without a cause it was logged where it arose, or there is nothing to add to its code.
      if (error.cause !== undefined) {
        const { requestId, alsoFor } = context;
        logger.error(
          { err: error, subject: contract.subject, requestId, ...(alsoFor !== undefined && { alsoFor }) },
          'a call failed',
        );
      }
      throw error;
    } finally {
      metrics.called(contract.subject, outcome, performance.now() - begin);
      span.end(busAttributes(contract.subject), outcome === 'ok' ? undefined : outcome);
    }
  };
}
