import { AppError, type ErrorCode, errorCodes } from '@vestibule/shared/errors';
import t from 'tap';
import { failing } from '../src/dialects/accounts/answers.ts';

/** contract.md, HTTP status: the column of accounts. */
const rows: Record<ErrorCode, [http: number, message: string]> = {
  unavailable: [503, '服务暂时不可用，请稍后再试'],
  'deadline-passed': [503, '服务暂时不可用，请稍后再试'],
  'database-unavailable': [503, '服务暂时不可用，请稍后再试'],
  'store-unavailable': [503, '服务暂时不可用，请稍后再试'],
  busy: [503, '服务暂时不可用，请稍后再试'],
  'contract-violated': [500, '服务器内部错误'],
  internal: [500, '服务器内部错误'],
  'body-unreadable': [400, '请求内容无法解析'],
  'content-type-unsupported': [415, '不支持的请求内容类型'],
  'body-too-large': [413, '请求内容过大'],
  'input-invalid': [200, '参数错误'],
  'json-invalid': [200, '参数错误'],
  'json-unfit': [200, '参数错误'],
  'origin-foreign': [403, '不允许的来源'],
  'rate-limited': [429, '请求过于频繁，请稍后再试'],
  'session-dead': [401, '请重新登录'],
  'not-allowed': [403, '没有权限'],
  'account-pending': [403, '账户正在等待审核'],
  'account-unknown': [200, '用户不存在'],
  'account-inactive': [200, '账户已被冻结或删除'],
  'account-is-admin': [200, '不能对管理员进行此操作'],
  'account-not-pending': [200, '该用户不在等待审核'],
  'last-admin': [200, '不能删除最后一个管理员'],
  'identity-taken': [200, '用户名（nickname）已被使用'],
  'credentials-wrong': [200, '用户名或密码错误'],
  'password-weak': [200, '密码（passwd）过于简单'],
  'admin-registration-closed': [403, '没有权限'],
  'address-limited': [429, '请求过于频繁，请稍后再试'],
  'captcha-unknown': [200, '验证码已失效，请重新获取'],
  'captcha-wrong': [200, '验证码错误'],
  'sms-not-sent': [200, '短信发送失败'],
  'code-unknown': [200, '短信验证码已失效'],
  'code-wrong': [200, '短信验证码错误'],
  'wechat-refused': [200, '微信不接受此code'],
  'wechat-unavailable': [503, '微信服务暂时不可用，请稍后再试'],
  'wechat-data-invalid': [200, '微信加密数据无效'],
  'process-unknown': [200, '没有此流程'],
  'process-running': [200, '已有未结束的同类流程'],
  'instance-unknown': [200, '没有此流程实例'],
  'instance-claimed': [200, '已有人受理，不能再取消'],
  'instance-finished': [200, '流程已结束'],
  'task-unknown': [200, '没有此任务'],
  'task-taken': [200, '任务已被他人领取'],
  'task-finished': [200, '任务已结束'],
  'idempotency-conflict': [200, 'Idempotency-Key已用于另一请求'],
  'definition-invalid': [200, '流程定义无效'],
};

for (const code of errorCodes) {
  t.test(`${code} has the status and the words of its row`, async (t) => {
    const [status, message] = rows[code];
    t.strictSame(failing('user/:id')(new AppError(code), { id: '57' }), {
      status,
      body: { cmd: 'user/57', data: [], message, status: false },
    });
  });
}

t.test('a field or a reason without words of its own leaves those of the code', async (t) => {
  for (const details of [{ field: 'toString' }, { rule: 'constructor' }, { field: 'unheard-of' }]) {
    t.match(failing('login')(new AppError('input-invalid', details)), { body: { message: '参数错误' } });
  }
});
