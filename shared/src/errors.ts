import { type Static, Type } from './schema.ts';

/**
 * The closed catalogue of error codes. Services throw them, the bus carries them, and each dialect
 * decides what its clients are told (its `answers.ts` does not compile until it has a row for every
 * code). The texts are for operators and for docs/errors.md; no client ever sees them.
 */
export const errorMeanings = {
  // Whatever is asked, it can fail like this.
  unavailable: 'No service answers this subject, or the broker is not connected.',
  'deadline-passed': 'The answer did not come, or would not come, before the deadline of the request.',
  'database-unavailable': 'The database is away, or did not answer in time.',
  'store-unavailable': 'The store of short-lived data is away, or did not answer in time.',
  busy: 'Too much work waits already; it was refused before it began.',
  'contract-violated': 'A request or reply did not fit its contract: a fault of ours.',
  internal: 'An unexpected failure; the log has it under the request id.',

  // What the gateway finds wrong with a request before any service sees it.
  'body-unreadable': 'The body cannot be parsed as what its content type says.',
  'content-type-unsupported': 'The content type is none of JSON, form and multipart.',
  'body-too-large': 'The body is over its limit.',
  'input-invalid': 'A field is missing, or breaks the rule of its document.',
  'json-invalid': 'A field that must be JSON text is not.',
  'json-unfit': 'A field of JSON text is JSON, but of the wrong shape or with wrong values.',
  'origin-foreign': 'A change asked for with the cookie alone comes from a foreign origin.',
  'rate-limited': 'Too many requests; `retryAfterSeconds` says when to come back.',

  // Who is calling.
  'session-dead': 'The token is missing, unreadable, expired or revoked.',
  'not-allowed': 'The caller may not do this.',
  'account-pending': 'The account waits for its audit and reaches its own record only.',

  // Accounts.
  'account-unknown': 'There is no such account.',
  'account-inactive': 'The account is frozen or deleted.',
  'account-is-admin': 'This cannot be done to an admin.',
  'account-not-pending': 'The account does not wait for an audit.',
  'last-admin': 'Nobody would be left who is an admin.',
  'identity-taken': 'Another account has this login identity already.',
  'credentials-wrong': 'The login is unknown or the password is wrong; which of them is not told.',
  'password-weak': 'The password policy refuses the new password.',
  'admin-registration-closed': 'Only an admin can make an account of this role.',

  // Captchas and SMS codes.
  'address-limited': 'Too many requests from this address; `retryAfterSeconds` says when to come back.',
  'captcha-unknown': 'There is no such captcha: never drawn, expired, or spent.',
  'captcha-wrong': 'The answer is not the text of the captcha, which is spent now.',
  'sms-not-sent': 'The provider did not take the SMS, or sending is switched off; nothing was counted.',
  'code-unknown': 'There is no code for this phone: never sent, expired, or spent.',
  'code-wrong': 'This is not the code that was sent.',

  // WeChat.
  'wechat-refused': 'WeChat does not accept the code.',
  'wechat-unavailable': 'WeChat is away, busy, or did not answer in time.',
  'wechat-data-invalid': 'The encrypted data are not of this app, session and user, or cannot be read.',

  // Processes.
  'process-unknown': 'There is no process of this name.',
  'process-running': 'The applicant has one that is not finished, and this process allows only one.',
  'instance-unknown': 'There is no such instance.',
  'instance-claimed': 'Somebody works on it already; only an admin can cancel it now.',
  'instance-finished': 'The instance is completed or cancelled already.',
  'task-unknown': 'There is no such task.',
  'task-taken': 'Somebody else has claimed the task.',
  'task-finished': 'The task is completed or cancelled already.',
  'idempotency-conflict': 'The idempotency key was used with another body before.',
  'definition-invalid': 'A definition breaks a rule; `field` says where and `rule` which.',
} as const;

/** One of the catalogue's codes. */
export type ErrorCode = keyof typeof errorMeanings;

/** All codes, in the catalogue's order. */
export const errorCodes = Object.keys(errorMeanings) as readonly ErrorCode[];

/** Codes that any call may end with; a contract lists only what it adds to them. */
export const commonErrorCodes = [
  'unavailable',
  'deadline-passed',
  'database-unavailable',
  'store-unavailable',
  'busy',
  'contract-violated',
  'internal',
] as const satisfies readonly ErrorCode[];

/** What may travel with a code. Never a message, a stack or SQL text; all of it may be shown to a client. */
export const ErrorDetails = Type.Object({
  /** The name of the offending field, as the document writes it. */
  field: Type.Optional(Type.String()),
  /** Which rule is broken, where a field has several or a refusal several reasons; dialects have the words. */
  rule: Type.Optional(Type.String()),
  /** Whole seconds after which a repeat makes sense. */
  retryAfterSeconds: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type ErrorDetails = Static<typeof ErrorDetails>;

/** The one error of the domain. `cause` stays in this process, for the log. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    super(code, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }
}

/** Whether text from outside is a code of the catalogue. */
export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === 'string' && Object.hasOwn(errorMeanings, text);
}

/** The code of anything that was thrown: what is no AppError is `internal`. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof AppError ? error.code : 'internal';
}
