import type { AppError, ErrorCode, ErrorDetails } from '@vestibule/shared/errors';
import type { AvatarRule } from '../../avatar/refusal.ts';
import type { Failure } from '../dialect.ts';

type Answer = { http: number; message: string };

const away = { http: 503, message: '服务暂时不可用，请稍后再试' };
const fault = { http: 500, message: '服务器内部错误' };
const tooMany = { http: 429, message: '请求过于频繁，请稍后再试' };
const says = (message: string): Answer => ({ http: 200, message });

/** What the clients of the accounts document are told. Its own answers keep HTTP 200: they look in the body. */
const answers = {
  unavailable: away,
  'deadline-passed': away,
  'database-unavailable': away,
  'store-unavailable': away,
  busy: away,
  'contract-violated': fault,
  internal: fault,

  'body-unreadable': { http: 400, message: '请求内容无法解析' },
  'content-type-unsupported': { http: 415, message: '不支持的请求内容类型' },
  'body-too-large': { http: 413, message: '请求内容过大' },
  'input-invalid': says('参数错误'),
  'json-invalid': says('参数错误'),
  'json-unfit': says('参数错误'),
  'origin-foreign': { http: 403, message: '不允许的来源' },
  'rate-limited': tooMany,

  'session-dead': { http: 401, message: '请重新登录' },
  'not-allowed': { http: 403, message: '没有权限' },
  'account-pending': { http: 403, message: '账户正在等待审核' },

  'account-unknown': says('用户不存在'),
  'account-inactive': says('账户已被冻结或删除'),
  'account-is-admin': says('不能对管理员进行此操作'),
  'account-not-pending': says('该用户不在等待审核'),
  'last-admin': says('不能删除最后一个管理员'),
  'identity-taken': says('用户名（nickname）已被使用'),
  'credentials-wrong': says('用户名或密码错误'),
  'password-weak': says('密码（passwd）过于简单'),
  'admin-registration-closed': { http: 403, message: '没有权限' },

  'address-limited': tooMany,
  'captcha-unknown': says('验证码已失效，请重新获取'),
  'captcha-wrong': says('验证码错误'),
  'sms-not-sent': says('短信发送失败'),
  'code-unknown': says('短信验证码已失效'),
  'code-wrong': says('短信验证码错误'),

  'wechat-refused': says('微信不接受此code'),
  'wechat-unavailable': { http: 503, message: '微信服务暂时不可用，请稍后再试' },
  'wechat-data-invalid': says('微信加密数据无效'),

  'process-unknown': says('没有此流程'),
  'process-running': says('已有未结束的同类流程'),
  'instance-unknown': says('没有此流程实例'),
  'instance-claimed': says('已有人受理，不能再取消'),
  'instance-finished': says('流程已结束'),
  'task-unknown': says('没有此任务'),
  'task-taken': says('任务已被他人领取'),
  'task-finished': says('任务已结束'),
  'idempotency-conflict': says('Idempotency-Key已用于另一请求'),
  'definition-invalid': says('流程定义无效'),
} satisfies Record<ErrorCode, Answer>;

const words = '只能由汉字、字母、数字、下划线_和破折号-组成';

/** The document's rule of each field. */
const fields = new Map(
  Object.entries({
    avatar: '头像（avatar）必须上传，且为一个文件',
    nickname: `用户名（nickname）须为2~16字，${words}`,
    passwd: '密码（passwd）须为6~16位，只能由字母、数字、下划线_和破折号-组成',
    repasswd: '确认密码（repasswd）须与密码相同',
    name: `姓名（name）须为2~16字，${words}`,
    phone: '手机号（phone）须为11位手机号，禁用虚拟手机号',
    position: `职务（position）须为2~20字，${words}`,
    email: '邮箱（email）不能为空，最大254字',
    captcha_code: '验证码（captcha_code）须为5位字母或数字',
    captcha_id: '验证码id（captcha_id）须为获取验证码接口返回的字符串',
    id: '用户id（id）须为整数',
    page: '页码（page）须为正整数',
  }),
);

const avatarRules: Record<AvatarRule, string> = {
  'too-large': '头像（avatar）文件最大30k（30720字节）',
  type: '头像（avatar）须为png、jpg、jpeg或bmp类型的图片',
  name: '头像（avatar）的文件扩展名或类型与图片内容不符',
  damaged: '头像（avatar）图片已损坏或不完整',
  dimensions: '头像（avatar）的宽和高不能超过1024像素',
};

/** Where a code has several reasons, the words for each. */
const rules = new Map(Object.entries({ ...avatarRules, 'own-account': '不能删除自己的账户' }));

const reasonOf = ({ rule = '', field = '' }: ErrorDetails): string | undefined =>
  rules.get(rule) ?? fields.get(field);

/** Answers a failure of an operation with its name, in which `:id` is what the path says. */
export const failing =
  (cmd: string) =>
  ({ code, details }: AppError, path: Readonly<Record<string, string>> = {}): Failure => {
    const { http, message } = answers[code];
    const named = cmd.replace(':id', path.id ?? ':id');
    return {
      status: http,
      body: { cmd: named, data: [], message: reasonOf(details) ?? message, status: false },
    };
  };
