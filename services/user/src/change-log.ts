import type { CallContext } from '@vestibule/shared/call-context';
import type { Logger } from '@vestibule/shared/logger';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn'>;

/** Writes one log line per change of an account: who changed which, in which request. No personal data. */
export function createChangeLog({ logger }: { logger: Log }) {
  return (change: string, accountId: number, context: CallContext, values: Record<string, string> = {}) =>
    logger.info(
      { requestId: context.requestId, callerId: context.caller?.accountId, accountId, ...values },
      change,
    );
}
export type ChangeLog = ReturnType<typeof createChangeLog>;
