/**
 * Why there is no word from the provider that it took an SMS:
 * - `refused`: it said no;
 * - `unreachable`: no connection to it came about;
 * - `too-late`: the deadline was over before anything was sent;
 * - `connection-lost`: the connection broke before an answer;
 * - `timed-out`: no whole answer in time;
 * - `answer-unusable`: the answer is not in the provider's form, or too long.
 */
export type SendFaultReason =
  | 'refused'
  | 'unreachable'
  | 'too-late'
  | 'connection-lost'
  | 'timed-out'
  | 'answer-unusable';

/** What the log says of a fault. Nothing of it is free text of the provider, which may repeat phone and code. */
export type SendFaultFacts = {
  /** The provider's own error code. */
  providerCode?: string | undefined;
  /** What the provider calls this request. */
  providerRequestId?: string | undefined;
  /** The HTTP status of the answer. */
  status?: number;
  /** The system's code of a connection fault, e.g. `ECONNREFUSED`. */
  fault?: string | undefined;
};

/** After these nothing of the SMS has reached the provider, or it has said that it will not send it. */
const certain: ReadonlySet<SendFaultReason> = new Set(['refused', 'unreachable', 'too-late']);

/** The cause of an `sms-not-sent`. */
export class SendFault extends Error {
  override readonly name = 'SendFault';
  readonly reason: SendFaultReason;
  readonly facts: SendFaultFacts;

  constructor(reason: SendFaultReason, facts: SendFaultFacts = {}, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.facts = facts;
  }

  /** Whether the SMS may be on its way, and paid for, all the same. */
  get maybeSent(): boolean {
    return !certain.has(this.reason);
  }
}

/** Whether, after this error of `send`, the SMS may be on its way, and paid for, all the same. */
export function mayHaveBeenSent(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof SendFault && error.cause.maybeSent;
}
