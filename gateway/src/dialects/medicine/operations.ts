import { AppError, errorMeanings } from '@vestibule/shared/errors';
import { type TObject, Type } from '@vestibule/shared/schema';
import type { FastifySchema } from 'fastify';
import { inquiry, type OperationOptions, operation } from '../dialect.ts';
import { fail } from './answers.ts';
import { good } from './present.ts';
import { Done, ImageCode, Login, Refused, Registration, SmsCode } from './schemas.ts';

type Described<B extends TObject> = Omit<OperationOptions<B>, 'fail' | 'failure' | 'answer'>;

const described = <B extends TObject>(options: Described<B>) =>
  operation({ ...options, answer: Done, failure: Refused, fail });

const imageCode = inquiry({
  access: 'anyone',
  summary: 'A captcha of 4 characters as a PNG, good for 5 minutes and one try',
  address: { querystring: ImageCode },
  answer: Refused,
  good: {},
  failure: Refused,
  fail,
  refusals: ['input-invalid', 'address-limited'],
});
/** What it answers without a picture. */
const refusals = Object.fromEntries(
  (['input-invalid', 'address-limited'] as const).map((code) => [
    code,
    { summary: errorMeanings[code], value: fail(new AppError(code)).body },
  ]),
);
const pictures: FastifySchema['response'] = {
  ...imageCode.schema.response,
  200: {
    description: 'The picture, or why there is none',
    content: {
      'image/png': { schema: Type.String({ format: 'binary' }) },
      'application/json': { schema: Refused, examples: refusals },
    },
  },
};

/** The five operations of the document, with its examples; digits that it masks are made up. */
export const operations = {
  imageCode: { ...imageCode, schema: { ...imageCode.schema, response: pictures } },
  smsCode: described({
    access: 'anyone',
    summary: 'Sends a code of 6 digits by SMS, good for 5 minutes; a new one replaces the old',
    body: SmsCode,
    example: { phone: '17608037123', img_code_client: '3xfe', uuid: '123' },
    good: good('验证码发送成功'),
    refusals: ['input-invalid', 'captcha-unknown', 'captcha-wrong', 'address-limited', 'sms-not-sent'],
  }),
  register: described({
    access: 'anyone',
    takesPassword: true,
    summary: 'Registers a phone that the code of an SMS proves',
    body: Registration,
    example: { phone: '17608037123', phone_code: '003533', password: 'mai', password2: 'mai' },
    good: good('注册成功'),
    refusals: ['input-invalid', 'password-weak', 'code-unknown', 'code-wrong', 'identity-taken'],
  }),
  login: described({
    access: 'anyone',
    takesPassword: true,
    summary: 'Opens a session for a phone and its password, and sets its cookie',
    body: Login,
    example: { phone: '17608037123', password: 'mai' },
    good: good('登陆成功'),
    refusals: [
      'input-invalid',
      'credentials-wrong',
      'account-unknown',
      'account-inactive',
      'address-limited',
      'origin-foreign',
    ],
  }),
  logout: inquiry({
    access: 'audited',
    summary: 'Ends the session and clears its cookie',
    address: {},
    good: good('退出成功'),
    answer: Done,
    failure: Refused,
    fail,
    refusals: ['session-dead', 'account-pending', 'origin-foreign'],
  }),
};
