import type { AppError, ErrorCode } from '@vestibule/shared/errors';
import type { Failure } from '../dialect.ts';

/** `other` and `unknown` are numbered by each operation for itself. */
type Answer = { http: number; code: number | 'other' | 'unknown'; msg: string };

/** The codes of an operation's document for what has no number of its own, and for an openid without a user. */
export type Codes = { other: number; unknown: number };

const invalid: Answer = { http: 200, code: -1, msg: '提交的参数非法' };
const away: Answer = { http: 503, code: 'other', msg: '服务暂时不可用，请稍后再试' };
const tooMany: Answer = { http: 429, code: 'other', msg: '请求过于频繁，请稍后再试' };
const fault: Answer = { http: 500, code: 'other', msg: '服务器内部错误' };
const notAllowed: Answer = { http: 403, code: -2, msg: '没有权限' };
const other = (msg: string): Answer => ({ http: 200, code: 'other', msg });

/** What the clients of the openid document are told, in its language. */
const answers = {
  unavailable: away,
  'deadline-passed': away,
  'database-unavailable': away,
  'store-unavailable': away,
  busy: away,
  'contract-violated': fault,
  internal: fault,

  'body-unreadable': { ...invalid, http: 400 },
  'content-type-unsupported': { ...invalid, http: 415 },
  'body-too-large': { ...invalid, http: 413 },
  'input-invalid': invalid,
  'json-invalid': { http: 200, code: -3, msg: 'update参数提交的不是有效的json格式' },
  'json-unfit': { http: 200, code: -4, msg: 'json处理错误' },
  'origin-foreign': { http: 403, code: 'other', msg: '不允许的来源' },
  'rate-limited': tooMany,

  'session-dead': { http: 401, code: -2, msg: '请重新登录' },
  'not-allowed': notAllowed,
  'account-pending': notAllowed,

  'account-unknown': { http: 200, code: 'unknown', msg: '用户不存在' },
  'account-inactive': other('账户已被冻结或删除'),
  'account-is-admin': other('不能对管理员进行此操作'),
  'account-not-pending': other('该账户不在等待审核'),
  'last-admin': other('不能删除最后一个管理员'),
  'identity-taken': other('此openid已被其他账户使用'),
  'credentials-wrong': other('账号或密码错误'),
  'password-weak': other('密码过于简单'),
  'admin-registration-closed': notAllowed,

  'address-limited': tooMany,
  'captcha-unknown': other('验证码已失效'),
  'captcha-wrong': other('验证码错误'),
  'sms-not-sent': other('短信发送失败'),
  'code-unknown': other('短信验证码已失效'),
  'code-wrong': other('短信验证码错误'),

  'wechat-refused': other('微信不接受此js_code'),
  'wechat-unavailable': { http: 503, code: 'other', msg: '微信服务暂时不可用，请稍后再试' },
  'wechat-data-invalid': other('微信加密数据无效'),

  'process-unknown': other('没有此流程'),
  'process-running': other('已有未结束的同类流程'),
  'instance-unknown': other('没有此流程实例'),
  'instance-claimed': other('已有人受理，不能再取消'),
  'instance-finished': other('流程已结束'),
  'task-unknown': other('没有此任务'),
  'task-taken': other('任务已被他人领取'),
  'task-finished': other('任务已结束'),
  'idempotency-conflict': other('Idempotency-Key已用于另一请求'),
  'definition-invalid': other('流程定义无效'),
} satisfies Record<ErrorCode, Answer>;

/** Answers a failure of an operation that numbers its failures so; names the field that is at fault. */
export const failing =
  (codes: Codes) =>
  ({ code, details }: AppError): Failure => {
    const answer: Answer = answers[code];
    const number = typeof answer.code === 'number' ? answer.code : codes[answer.code];
    const msg = details.field ? `${answer.msg}：${details.field}` : answer.msg;
    return { status: answer.http, body: { code: number, msg, data: [] } };
  };
