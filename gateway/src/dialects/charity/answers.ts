import type { AppError, ErrorCode } from '@vestibule/shared/errors';
import type { Failure } from '../dialect.ts';

type Answer = {
  http: number;
  code: number;
  msg: string;
  /** The document shows it with `data: {}` in the operations that answer nothing else. */
  showsData?: true;
};

const badRequest = { http: 200, code: 400, msg: 'Bad request' };
const wrong = { http: 200, code: 401, msg: 'Incorrect username or password' };
const loginAgain = { http: 200, code: 401, msg: 'please login again' };
const notEnough: Answer = { http: 200, code: 401, msg: "you don't enough permissions", showsData: true };
const abnormal = { http: 200, code: 403, msg: 'Account status is abnormal' };
const unknown: Answer = { http: 200, code: 404, msg: 'The target user does not exist', showsData: true };
const tooMany = { http: 429, code: 429, msg: 'Too many requests' };
const away = { http: 503, code: 503, msg: 'Service unavailable' };
const fault = { http: 500, code: 500, msg: 'Internal error' };

/** What the clients of the charity document are told. Its own answers keep HTTP 200: they look in the body. */
const answers = {
  unavailable: away,
  'deadline-passed': away,
  'database-unavailable': away,
  'store-unavailable': away,
  busy: away,
  'contract-violated': fault,
  internal: fault,

  'body-unreadable': { ...badRequest, http: 400 },
  'content-type-unsupported': { ...badRequest, http: 415 },
  'body-too-large': { ...badRequest, http: 413 },
  'input-invalid': badRequest,
  'json-invalid': badRequest,
  'json-unfit': badRequest,
  'origin-foreign': { ...notEnough, http: 403 },
  'rate-limited': tooMany,

  'session-dead': loginAgain,
  'not-allowed': notEnough,
  'account-pending': abnormal,

  'account-unknown': unknown,
  'account-inactive': abnormal,
  'account-is-admin': notEnough,
  'account-not-pending': badRequest,
  'last-admin': notEnough,
  'identity-taken': badRequest,
  'credentials-wrong': wrong,
  'password-weak': badRequest,
  'admin-registration-closed': notEnough,

  'address-limited': tooMany,
  'captcha-unknown': badRequest,
  'captcha-wrong': badRequest,
  'sms-not-sent': away,
  'code-unknown': badRequest,
  'code-wrong': badRequest,

  'wechat-refused': badRequest,
  'wechat-unavailable': away,
  'wechat-data-invalid': badRequest,

  'process-unknown': badRequest,
  'process-running': badRequest,
  'instance-unknown': badRequest,
  'instance-claimed': badRequest,
  'instance-finished': badRequest,
  'task-unknown': badRequest,
  'task-taken': badRequest,
  'task-finished': badRequest,
  'idempotency-conflict': badRequest,
  'definition-invalid': badRequest,
} satisfies Record<ErrorCode, Answer>;

/** Answers a failure; `withData` in the operations whose document shows `data: {}` in bad answers. */
export const failing =
  ({ withData }: { withData: boolean }) =>
  ({ code }: AppError): Failure => {
    const answer: Answer = answers[code];
    const data = withData && answer.showsData ? { data: {} } : {};
    return { status: answer.http, body: { code: answer.code, msg: answer.msg, ...data } };
  };
