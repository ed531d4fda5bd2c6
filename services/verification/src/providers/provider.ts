/** A code on its way to a phone. */
export type SmsMessage = { phone: string; code: string; expiresInSeconds: number; requestId: string };

/**
 * Sends codes by SMS. `send` resolves when the provider took the message, and throws AppError `sms-not-sent`
 * when it did not; `deadline`, in milliseconds since 1970, bounds the wait.
 */
export type SmsProvider = {
  readonly name: string;
  send(message: SmsMessage, options: { deadline: number }): Promise<void>;
};
