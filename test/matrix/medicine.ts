import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { password } from './people.ts';
import type { Asking, Matrix } from './run.ts';

const table = `
operation                | meant for | nobody  | pending | pending, other | pending admin | own     | other   | donor   | volunteer | repair  | admin   | frozen   | deleted  | logged out | expired | forged  | foreign | proved  | cookie  | own origin | foreign origin
GET /api/1.0/imageCode   | normal    | picture | picture | picture        | picture       | picture | picture | picture | picture   | picture | picture | picture  | picture  | picture    | picture | picture | picture | picture | picture | picture    | picture
POST /api/1.0/smsCode    | normal    | good    | good    | good           | good          | good    | good    | good    | good      | good    | good    | good     | good     | good       | good    | good    | good    | good    | good    | good       | good
POST /api/1.0/register   | normal    | good    | good    | good           | good          | good    | good    | good    | good      | good    | good    | good     | good     | good       | good    | good    | good    | good    | good    | good       | good
POST /api/1.0/sessions   | normal    | good    | good    | good           | good          | good    | good    | good    | good      | good    | good    | inactive | inactive | good       | good    | good    | good    | good    | good    | good       | alien
DELETE /api/1.0/sessions | normal    | login   | pending | pending        | pending       | good    | good    | good    | good      | good    | good    | login    | login    | login      | login   | login   | login   | good    | good    | good       | alien
`;

/** A captcha as a person answers it. */
async function captcha({ call }: Asking['platform']) {
  const { id } = await call(verificationContracts.newCaptcha, {
    scope: 'medicine',
    length: 4,
    address: '198.51.100.1',
  });
  const { answer } = await call(verificationContracts.revealCaptcha, { id });
  return { id, answer };
}

/** A phone that nobody has registered, and the code that was sent to it. */
async function provedPhone({ platform, people }: Asking) {
  const { phone } = people.nextNames();
  const { call } = platform;
  const sent = {
    phone,
    address: '198.51.100.1',
    captcha: { scope: 'medicine', ...(await captcha(platform)) },
  };
  await call(verificationContracts.sendCode, sent);
  const { code } = await call(verificationContracts.revealCode, { phone });
  return { phone, phone_code: code };
}

/** The medicine document: contract.md, sections 0 and 3. */
export const medicine: Matrix = {
  table,
  words: {
    good: { status: 200, body: { re_code: '0' } },
    picture: { status: 200, type: 'image/png' },
    login: { status: 200, body: { re_code: '4101', msg: '用户未登录' } },
    pending: { status: 200, body: { re_code: '4105', msg: '用户身份错误' } },
    inactive: { status: 200, body: { re_code: '4104', msg: '用户不存在或未激活' } },
    alien: { status: 403, body: { re_code: '4201', msg: '非法请求或请求次数受限' } },
  },
  requests: {
    'GET /api/1.0/imageCode': ({ caller }) => ({ query: { uuid: caller.nickname } }),
    'POST /api/1.0/smsCode': async ({ platform, people }) => {
      const { id, answer } = await captcha(platform);
      return { fields: { phone: people.nextNames().phone, uuid: id, img_code_client: answer } };
    },
    'POST /api/1.0/register': async (asking) => ({
      fields: { ...(await provedPhone(asking)), password, password2: password },
    }),
    'POST /api/1.0/sessions': ({ subject }) => ({ fields: { phone: subject.phone, password } }),
    'DELETE /api/1.0/sessions': () => ({}),
  },
};
