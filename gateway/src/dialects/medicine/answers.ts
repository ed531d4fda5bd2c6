import type { AppError, ErrorCode } from '@vestibule/shared/errors';
import type { Failure } from '../dialect.ts';
import { bad, type ReCode } from './present.ts';

type Answer = { http: number; code: Exclude<ReCode, '0' | '4102' | '4302' | '4501'> };

const noData = { http: 200, code: '4002' } as const;
const wrongData = { http: 200, code: '4004' } as const;
const invalid = { http: 200, code: '4103' } as const;
const unusable = { http: 200, code: '4104' } as const;
const wrongRole = { http: 200, code: '4105' } as const;
const away = { http: 503, code: '4500' } as const;
const fault = { http: 500, code: '4500' } as const;

/** What the clients of the medicine document are told. Its own answers keep HTTP 200: they look in the body. */
const answers = {
  unavailable: away,
  'deadline-passed': away,
  'database-unavailable': { http: 503, code: '4001' },
  'store-unavailable': away,
  busy: away,
  'contract-violated': fault,
  internal: fault,

  'body-unreadable': { http: 400, code: '4103' },
  'content-type-unsupported': { http: 415, code: '4103' },
  'body-too-large': { http: 413, code: '4103' },
  'input-invalid': invalid,
  'json-invalid': invalid,
  'json-unfit': invalid,
  'origin-foreign': { http: 403, code: '4201' },
  'rate-limited': { http: 200, code: '4201' },

  'session-dead': { http: 200, code: '4101' },
  'not-allowed': wrongRole,
  'account-pending': wrongRole,

  'account-unknown': unusable,
  'account-inactive': unusable,
  'account-is-admin': wrongRole,
  'account-not-pending': wrongData,
  'last-admin': wrongRole,
  'identity-taken': { http: 200, code: '4003' },
  'credentials-wrong': { http: 200, code: '4106' },
  'password-weak': invalid,
  'admin-registration-closed': wrongRole,

  'address-limited': { http: 200, code: '4202' },
  'captcha-unknown': noData,
  'captcha-wrong': wrongData,
  'sms-not-sent': { http: 200, code: '4301' },
  'code-unknown': noData,
  'code-wrong': wrongData,

  'wechat-refused': wrongData,
  'wechat-unavailable': away,
  'wechat-data-invalid': wrongData,

  'process-unknown': wrongData,
  'process-running': wrongData,
  'instance-unknown': wrongData,
  'instance-claimed': wrongData,
  'instance-finished': wrongData,
  'task-unknown': wrongData,
  'task-taken': wrongData,
  'task-finished': wrongData,
  'idempotency-conflict': wrongData,
  'definition-invalid': wrongData,
} as const satisfies Record<ErrorCode, Answer>;

/** Answers a failure. */
export function fail({ code }: AppError): Failure {
  const answer = answers[code];
  return { status: answer.http, body: bad(answer.code) };
}
