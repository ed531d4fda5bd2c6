/** One code on its way to one phone. */
export type SmsMessage = {
  /** A mobile number of mainland China: 11 digits. */
  phone: string;
  code: string;
  /** Seconds for which the code is good. */
  expiresInSeconds: number;
  /** The call's own, for the logs; a webhook gets it too. */
  requestId: string;
};

/** Who carries an SMS to its phone. */
export type SmsProvider = {
  /** As `SMS_PROVIDER` names it. */
  readonly name: string;
  /**
   * Resolves when the provider took the SMS. Throws an AppError `sms-not-sent`, whose cause is for the log,
   * when it did not, or did not say so before `deadline` (milliseconds since 1970).
   */
  send(message: SmsMessage, options: { deadline: number }): Promise<void>;
};
