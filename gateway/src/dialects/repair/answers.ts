import type { AppError, ErrorCode } from '@vestibule/shared/errors';
import type { Failure } from '../dialect.ts';

type Answer = { http: number; code: number; msg: string };

const invalid: Answer = { http: 200, code: -1, msg: '参数错误' };
const away: Answer = { http: 503, code: -2, msg: '服务暂时不可用，请稍后再试' };
const tooMany: Answer = { http: 429, code: -2, msg: '请求过于频繁，请稍后再试' };
const fault: Answer = { http: 500, code: -2, msg: '服务器内部错误' };
const notAllowed: Answer = { http: 403, code: -6, msg: '没有权限' };
const says = (code: number, msg: string): Answer => ({ http: 200, code, msg });

/** What the clients of the repair document are told. */
const answers = {
  unavailable: away,
  'deadline-passed': away,
  'database-unavailable': away,
  'store-unavailable': away,
  busy: away,
  'contract-violated': fault,
  internal: fault,

  'body-unreadable': { http: 400, code: -1, msg: '请求内容无法解析' },
  'content-type-unsupported': { http: 415, code: -1, msg: '不支持的请求内容类型' },
  'body-too-large': { http: 413, code: -1, msg: '请求内容过大' },
  'input-invalid': invalid,
  'json-invalid': says(-1, '参数不是有效的JSON'),
  'json-unfit': invalid,
  'origin-foreign': { http: 403, code: -6, msg: '不允许的来源' },
  'rate-limited': tooMany,

  'session-dead': { http: 401, code: -5, msg: '请重新登录' },
  'not-allowed': notAllowed,
  'account-pending': { http: 403, code: -6, msg: '账户正在等待审核' },

  'account-unknown': says(-4, '用户未注册'),
  'account-inactive': says(-6, '账户已被冻结或删除'),
  'account-is-admin': says(-2, '不能对管理员进行此操作'),
  'account-not-pending': says(-2, '该用户不在等待审核'),
  'last-admin': says(-2, '不能删除最后一个管理员'),
  'identity-taken': says(-7, '用户已注册'),
  'credentials-wrong': says(-2, '账号或密码错误'),
  'password-weak': says(-2, '密码过于简单'),
  'admin-registration-closed': notAllowed,

  'address-limited': tooMany,
  'captcha-unknown': says(-2, '验证码已失效'),
  'captcha-wrong': says(-2, '验证码错误'),
  'sms-not-sent': says(-2, '短信发送失败'),
  'code-unknown': says(-2, '短信验证码已失效'),
  'code-wrong': says(-2, '短信验证码错误'),

  'wechat-refused': says(-3, '微信不接受此code'),
  'wechat-unavailable': { http: 503, code: -2, msg: '微信服务暂时不可用，请稍后再试' },
  'wechat-data-invalid': says(-1, '微信加密数据无效'),

  'process-unknown': says(-1, '没有此流程'),
  'process-running': says(-7, '已有未结束的同类流程'),
  'instance-unknown': says(-1, '没有此流程实例'),
  'instance-claimed': says(-7, '已有人受理，不能再取消'),
  'instance-finished': says(-7, '流程已结束'),
  'task-unknown': says(-1, '没有此任务'),
  'task-taken': says(-7, '任务已被他人领取'),
  'task-finished': says(-7, '任务已结束'),
  'idempotency-conflict': says(-1, 'Idempotency-Key已用于另一请求'),
  'definition-invalid': says(-1, '流程定义无效'),
} satisfies Record<ErrorCode, Answer>;

/** Answers a failure; names the field that is at fault, and of a definition the rule that it breaks. */
export function fail({ code, details: { field, rule } }: AppError): Failure {
  const answer: Answer = answers[code];
  const which = code === 'definition-invalid' && rule ? `（${rule}）` : '';
  const msg = field ? `${answer.msg}：${field}${which}` : `${answer.msg}${which}`;
  return { status: answer.http, body: { code: answer.code, msg, data: {} } };
}
