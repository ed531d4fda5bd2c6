import { SignedIn, User } from './answer-schemas.ts';
import { asked, described } from './operation.ts';
import { good } from './present.ts';
import { Login, UserAction, View } from './schemas.ts';

export const exampleUser = {
  id: 51923482,
  name: 'zhangsan1',
  phone: '',
  address: '',
  company: '',
  age: null,
  email: '',
  role: 'normal',
  wx_userinfo: { nickName: 'zhangsan', avatarUrl: 'https://thirdwx.qlogo.cn/mmopen/132' },
  created_at: '2020-03-26 11:34:29',
  modified_at: '2020-03-26 11:34:35',
};
const signedIn = good({ token: 'eyJhbG...', user: exampleUser });
const code = '033Yyq0w3CZnbN2cvT0w3y9tqS3Yyq0M';

/** The operations of the document on users, with its examples. */
export const userOperations = {
  change: described({
    access: 'maybe-signed-in',
    summary:
      "`register`: makes an account for the user of a WeChat code and signs in; `update`: writes the given fields of the token's account, or of a code's",
    body: UserAction,
    example: {
      action: 'register',
      code,
      wx_userinfo: exampleUser.wx_userinfo,
      userinfo: { name: 'zhangsan1' },
    },
    answer: SignedIn,
    good: signedIn,
    refusals: [
      'input-invalid',
      'json-invalid',
      'wechat-refused',
      'account-unknown',
      'account-inactive',
      'identity-taken',
      'session-dead',
      'admin-registration-closed',
      'wechat-unavailable',
    ],
  }),
  login: described({
    access: 'anyone',
    summary: 'Signs in by a WeChat code; encrypted data that fit it renew the WeChat profile',
    body: Login,
    example: { code, encryptedData: 'CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZM...', iv: 'r7BXXKkLb8qrSNn05n0qiA==' },
    answer: SignedIn,
    good: signedIn,
    refusals: [
      'input-invalid',
      'wechat-refused',
      'wechat-data-invalid',
      'account-unknown',
      'account-inactive',
      'wechat-unavailable',
    ],
  }),
  current: asked({
    access: 'own-record',
    summary: "The token's account, with `view=get_curr_user_info`",
    address: { querystring: View },
    answer: User,
    good: good(exampleUser),
    refusals: ['session-dead', 'input-invalid'],
  }),
};
