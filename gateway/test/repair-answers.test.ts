import { AppError, type ErrorCode, errorCodes } from '@vestibule/shared/errors';
import t from 'tap';
import { fail } from '../src/dialects/repair/answers.ts';

/** contract.md, HTTP status and section 1: what the repair dialect answers. */
const rows: Record<ErrorCode, [http: number, code: number, msg: string]> = {
  unavailable: [503, -2, '服务暂时不可用，请稍后再试'],
  'deadline-passed': [503, -2, '服务暂时不可用，请稍后再试'],
  'database-unavailable': [503, -2, '服务暂时不可用，请稍后再试'],
  'store-unavailable': [503, -2, '服务暂时不可用，请稍后再试'],
  busy: [503, -2, '服务暂时不可用，请稍后再试'],
  'contract-violated': [500, -2, '服务器内部错误'],
  internal: [500, -2, '服务器内部错误'],
  'body-unreadable': [400, -1, '请求内容无法解析'],
  'content-type-unsupported': [415, -1, '不支持的请求内容类型'],
  'body-too-large': [413, -1, '请求内容过大'],
  'input-invalid': [200, -1, '参数错误'],
  'json-invalid': [200, -1, '参数不是有效的JSON'],
  'json-unfit': [200, -1, '参数错误'],
  'origin-foreign': [403, -6, '不允许的来源'],
  'rate-limited': [429, -2, '请求过于频繁，请稍后再试'],
  'session-dead': [401, -5, '请重新登录'],
  'not-allowed': [403, -6, '没有权限'],
  'account-pending': [403, -6, '账户正在等待审核'],
  'account-unknown': [200, -4, '用户未注册'],
  'account-inactive': [200, -6, '账户已被冻结或删除'],
  'account-is-admin': [200, -2, '不能对管理员进行此操作'],
  'account-not-pending': [200, -2, '该用户不在等待审核'],
  'last-admin': [200, -2, '不能删除最后一个管理员'],
  'identity-taken': [200, -7, '用户已注册'],
  'credentials-wrong': [200, -2, '账号或密码错误'],
  'password-weak': [200, -2, '密码过于简单'],
  'admin-registration-closed': [403, -6, '没有权限'],
  'address-limited': [429, -2, '请求过于频繁，请稍后再试'],
  'captcha-unknown': [200, -2, '验证码已失效'],
  'captcha-wrong': [200, -2, '验证码错误'],
  'sms-not-sent': [200, -2, '短信发送失败'],
  'code-unknown': [200, -2, '短信验证码已失效'],
  'code-wrong': [200, -2, '短信验证码错误'],
  'wechat-refused': [200, -3, '微信不接受此code'],
  'wechat-unavailable': [503, -2, '微信服务暂时不可用，请稍后再试'],
  'wechat-data-invalid': [200, -1, '微信加密数据无效'],
  'process-unknown': [200, -1, '没有此流程'],
  'process-running': [200, -7, '已有未结束的同类流程'],
  'instance-unknown': [200, -1, '没有此流程实例'],
  'instance-claimed': [200, -7, '已有人受理，不能再取消'],
  'instance-finished': [200, -7, '流程已结束'],
  'task-unknown': [200, -1, '没有此任务'],
  'task-taken': [200, -7, '任务已被他人领取'],
  'task-finished': [200, -7, '任务已结束'],
  'idempotency-conflict': [200, -1, 'Idempotency-Key已用于另一请求'],
  'definition-invalid': [200, -1, '流程定义无效'],
};

for (const code of errorCodes) {
  t.test(`${code} has the status, the code and the words of its row`, async (t) => {
    const [status, number, msg] = rows[code];
    t.strictSame(fail(new AppError(code)), { status, body: { code: number, msg, data: {} } });
  });
}

t.test('the field that is at fault is named, and the rule that a definition breaks', async (t) => {
  t.match(fail(new AppError('input-invalid', { field: 'form.title', rule: 'too-long' })).body, {
    msg: '参数错误：form.title',
  });
  t.match(fail(new AppError('json-invalid', { field: 'userinfo' })).body, {
    msg: '参数不是有效的JSON：userinfo',
  });
  t.match(fail(new AppError('definition-invalid', { field: 'steps.a.next', rule: 'not-covered' })).body, {
    msg: '流程定义无效：steps.a.next（not-covered）',
  });
  t.match(fail(new AppError('definition-invalid', { rule: 'wrong-type' })).body, {
    msg: '流程定义无效（wrong-type）',
  });
});
