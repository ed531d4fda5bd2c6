import { maxAvatarBytes } from '@vestibule/shared/contracts/account';
import { type TObject, Type } from '@vestibule/shared/schema';
import { type Address, type Description, inquiry, type OperationOptions, operation } from '../dialect.ts';
import { failing } from './answers.ts';
import {
  ById,
  Captcha,
  Done,
  LoggedIn,
  Login,
  Page,
  Refused,
  Removed,
  SignedUp,
  SignUp,
  Update,
  User,
  Users,
} from './schemas.ts';

type Described<B extends TObject> = Omit<OperationOptions<B>, 'fail' | 'failure'> & { cmd: string };
type Asked<A extends Address> = Omit<Description, 'fail' | 'failure'> & { cmd: string; address: A };

const described = <B extends TObject>({ cmd, ...options }: Described<B>) =>
  operation({ ...options, failure: Refused, fail: failing(cmd) });

const asked = <A extends Address>({ cmd, ...options }: Asked<A>) =>
  inquiry({ ...options, failure: Refused, fail: failing(cmd) });

const good = (cmd: string, data: unknown, message = 'success') => ({ status: true, data, message, cmd });
const named = ['session-dead', 'not-allowed', 'input-invalid', 'account-unknown'] as const;

const update = described({
  cmd: 'user/:id',
  access: 'own-record',
  summary: 'Writes the given fields of a user, for themselves and for administrators',
  body: Update,
  example: { name: '测试用户5', phone: '13800138000', position: '职位1', email: 'abc@abc.com' },
  answer: Done,
  good: good('user/45', []),
  refusals: [...named, 'identity-taken'],
});

const audit = described({
  cmd: 'audit/user',
  access: 'admin',
  summary: 'Lets a user who waits for it become active, for administrators',
  body: Type.Object({}),
  example: {},
  answer: Done,
  good: good('audit/user', []),
  refusals: [...named, 'account-pending', 'account-not-pending'],
});

const avatar = asked({
  cmd: 'user/:id/avatar',
  access: 'own-record',
  summary: "A user's picture, for themselves and for administrators",
  address: { params: ById },
  answer: Done,
  good: {},
  refusals: [...named],
});
const picture = { schema: Type.String({ format: 'binary' }) };
const { '200': refusedAvatar, ...otherAvatarAnswers } = avatar.schema.response;

/** The nine operations of the document and that of the picture, with the document's examples. */
export const operations = {
  signUp: described({
    cmd: 'signUp',
    access: 'anyone',
    takesPassword: true,
    summary: 'Makes an account that waits for its audit; multipart, with the picture as a file',
    body: SignUp,
    fileLimit: maxAvatarBytes,
    example: {
      nickname: '测试用户5',
      passwd: 'sesame-4711',
      repasswd: 'sesame-4711',
      name: '测试用户5',
      phone: '13800138000',
      position: '职位1',
      email: 'abc@abc.com',
    },
    answer: SignedUp,
    good: good('signUp', { id: 51923482, account_status: 0 }, '注册成功'),
    refusals: ['input-invalid', 'identity-taken', 'password-weak'],
  }),
  login: described({
    cmd: 'login',
    access: 'anyone',
    takesPassword: true,
    summary: 'Opens a session for a nickname and its password; spends the captcha',
    body: Login,
    example: { nickname: 'admin', passwd: 'sesame-4711', captcha_code: 'AC3DE', captcha_id: 'f91737' },
    answer: LoggedIn,
    good: good(
      'login',
      { account_status: 1, id: 3, nickname: 'admin', token: 'eyJhbG...', user_level: 1 },
      '登录成功',
    ),
    refusals: ['input-invalid', 'captcha-unknown', 'captcha-wrong', 'credentials-wrong', 'account-inactive'],
  }),
  list: asked({
    cmd: 'list/user',
    access: 'admin',
    summary: 'A page of all users, newest first, for administrators',
    address: { querystring: Page },
    answer: Users,
    good: good('list/user', {
      total: 50,
      per_page: 15,
      current_page: 1,
      last_page: 4,
      data: [
        {
          email: 'abc@abc.com',
          id: 57,
          name: '测试用户5',
          nickname: '测试用户5',
          phone: '13800138000',
          position: '职位1',
          account_status: '已审核',
          create_time: '2020-09-23 16:20',
        },
      ],
    }),
    refusals: ['session-dead', 'not-allowed', 'account-pending', 'input-invalid'],
  }),
  user: asked({
    cmd: 'user/:id',
    access: 'own-record',
    summary: 'A user, for themselves and for administrators',
    address: { params: ById },
    answer: User,
    good: good('user/57', {
      email: 'abc@abc.com',
      id: 57,
      name: '测试用户5',
      nickname: '测试用户5',
      phone: '123...',
      position: '职位1',
    }),
    refusals: [...named],
  }),
  avatar: {
    ...avatar,
    schema: {
      ...avatar.schema,
      response: {
        ...otherAvatarAnswers,
        200: {
          description: 'The picture, or why there is none',
          content: {
            'image/png': picture,
            'image/jpeg': picture,
            'image/bmp': picture,
            'application/json': {
              schema: Refused,
              examples: refusedAvatar?.content['application/json'].examples,
            },
          },
        },
        304: { description: 'The picture is still the one of `If-None-Match`' },
      },
    },
  },
  update: { ...update, schema: { ...update.schema, params: ById } },
  audit: { ...audit, schema: { ...audit.schema, params: ById } },
  remove: asked({
    cmd: 'user/:id',
    access: 'admin',
    summary: 'Deletes a user, for administrators; neither oneself nor the last administrator',
    address: { params: ById },
    answer: Removed,
    good: good('user/46', true),
    refusals: [...named, 'account-pending', 'last-admin'],
  }),
  captcha: asked({
    cmd: 'captcha',
    access: 'anyone',
    summary: 'Draws a captcha of 5 letters or digits, good for one try within 5 minutes',
    address: {},
    answer: Captcha,
    good: good('captcha', { id: 'f91737...', picture: 'data:image/png;base64,iVBORw...' }),
    refusals: ['address-limited'],
  }),
};
