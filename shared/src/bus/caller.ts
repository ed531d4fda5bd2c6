import type { CallContext, Clock } from '../call-context.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Bus } from './bus.ts';
import { type Answer, decodeError, decodeReply, encodeRequest } from './wire.ts';

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
) => Promise<Answer>;

/** A timer takes no more; nobody waits 24 days. */
const longestTimeoutMs = 2 ** 31 - 1;

/** The caller's side of the bus, the same on both transports. */
export function createCall(tools: { send: Send; clock: Clock; logger: Logger }): Bus['call'] {
  const { send, clock, logger } = tools;
  return async function call(contract, input, context) {
    try {
      const request = encodeRequest(contract, input);
      const timeoutMs = Math.min(context.deadline - clock(), longestTimeoutMs);
      if (timeoutMs <= 0) throw new AppError('deadline-passed');
      const { code, payload } = await send(contract.subject, request, context, timeoutMs);
      if (code !== undefined) throw decodeError(contract, { code, payload });
      return decodeReply(contract, payload);
    } catch (thrown) {
      const error = thrown instanceof AppError ? thrown : new AppError('internal', {}, thrown);
      // Without a cause it was logged where it arose, or there is nothing to add to its code.
      if (error.cause !== undefined) {
        logger.error(
          { err: error, subject: contract.subject, requestId: context.requestId },
          'a call failed',
        );
      }
      throw error;
    }
  };
}
