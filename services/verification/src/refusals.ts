import { AppError, type ErrorCode, type ErrorDetails } from '@vestibule/shared/errors';
import type { Logger } from '@vestibule/shared/logger';

/** Every reason for which something is refused here, and the code that says so to the caller. */
const codes = {
  'captcha-address': 'address-limited',
  'captcha-unknown': 'captcha-unknown',
  'captcha-wrong': 'captcha-wrong',
  'sms-disabled': 'sms-not-sent',
  'sms-phone': 'rate-limited',
  'sms-address': 'address-limited',
  'sms-budget': 'rate-limited',
  'sms-provider': 'sms-not-sent',
  'sms-store': 'store-unavailable',
  'code-unknown': 'code-unknown',
  'code-tries': 'code-unknown',
  'code-wrong': 'code-wrong',
} as const satisfies Record<string, ErrorCode>;
export type RefusalReason = keyof typeof codes;

/** What is known of a refused call; of a phone the log gets the last two digits. */
type Circumstances = {
  requestId: string;
  phone?: string;
  /** Milliseconds after which a repeat makes sense. */
  retryAfterMs?: number;
  cause?: unknown;
};

/** The one place where a refusal becomes an error: it is counted by its reason and logged on the way. */
export function createRefusals({
  logger,
  count,
}: {
  logger: Logger;
  count: (reason: RefusalReason) => void;
}) {
  return {
    /** The error to throw. */
    refuse(reason: RefusalReason, { requestId, phone, retryAfterMs, cause }: Circumstances): AppError {
      count(reason);
      logger.info({ reason, requestId, ...(phone && { phoneEnd: phone.slice(-2) }) }, 'refused');
      const details: ErrorDetails =
        retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)) };
      return new AppError(codes[reason], details, cause);
    },
  };
}
export type Refusals = ReturnType<typeof createRefusals>;
