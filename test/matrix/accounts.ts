import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { pictureFile, signUpFields } from '../../gateway/test/harness/accounts.ts';
import { type Person, password } from './people.ts';
import type { Asking, Matrix } from './run.ts';

const table = `
operation            | meant for | nobody | pending | pending, other | pending admin | own     | other | donor | volunteer | repair | admin   | frozen | deleted | logged out | expired | forged | foreign | proved | cookie  | own origin | foreign origin
PUT /signUp          | normal    | good   | good    | good           | good          | good    | good  | good  | good      | good   | good    | good   | good    | good       | good    | good   | good    | good   | good    | good       | good
POST /login          | normal    | good   | good    | good           | good          | good    | good  | good  | good      | good   | good    | bad    | bad     | good       | good    | good   | good    | good   | good    | good       | good
GET /list/user       | admin     | login  | no      | no             | no            | no      | no    | no    | no        | no     | good    | login  | login   | login      | login   | login  | login   | login  | good    | good       | good
GET /user/:id        | normal    | login  | good    | no             | no            | good    | no    | no    | no        | no     | good    | login  | login   | login      | login   | login  | login   | login  | good    | good       | good
GET /user/:id/avatar | normal    | login  | picture | no             | no            | picture | no    | no    | no        | no     | picture | login  | login   | login      | login   | login  | login   | login  | picture | picture    | picture
PUT /user/:id        | normal    | login  | good    | no             | no            | good    | no    | no    | no        | no     | good    | login  | login   | login      | login   | login  | login   | login  | good    | good       | no
PUT /audit/user/:id  | admin     | login  | no      | no             | no            | no      | no    | no    | no        | no     | good    | login  | login   | login      | login   | login  | login   | login  | good    | good       | no
DELETE /user/:id     | admin     | login  | no      | no             | no            | no      | no    | no    | no        | no     | good    | login  | login   | login      | login   | login  | login   | login  | good    | good       | no
GET /captcha         | normal    | good   | good    | good           | good          | good    | good  | good  | good      | good   | good    | good   | good    | good       | good    | good   | good    | good   | good    | good       | good
`;

const byId = ({ subject }: { subject: Person }) => ({ path: { id: subject.id } });

/** A captcha as a person answers it. */
async function captcha({ call }: Asking['platform']) {
  const { id } = await call(verificationContracts.newCaptcha, {
    scope: 'accounts',
    length: 5,
    address: '198.51.100.1',
  });
  const { answer } = await call(verificationContracts.revealCaptcha, { id });
  return { captcha_id: id, captcha_code: answer };
}

/** The accounts document: contract.md, sections 0 and 2. */
export const accounts: Matrix = {
  table,
  words: {
    good: { status: 200, body: { status: true } },
    picture: { status: 200, type: 'image/png' },
    login: { status: 401, body: { status: false, data: [] } },
    no: { status: 403, body: { status: false, data: [] } },
    bad: { status: 200, body: { status: false, data: [] } },
  },
  requests: {
    'PUT /signUp': () => ({ fields: { avatar: pictureFile(), ...signUpFields() }, kind: 'multipart' }),
    'POST /login': async ({ subject, platform }) => ({
      fields: { nickname: subject.nickname, passwd: password, ...(await captcha(platform)) },
    }),
    'GET /list/user': () => ({ query: { page: '1' } }),
    'GET /user/:id': byId,
    'GET /user/:id/avatar': byId,
    'PUT /user/:id': (asking) => ({ ...byId(asking), fields: { name: '测试用户' } }),
    'PUT /audit/user/:id': async ({ caller, subject, people }) => ({
      ...byId({ subject: subject === caller ? caller : await people.make({ status: 'pending' }) }),
      fields: {},
    }),
    'DELETE /user/:id': byId,
    'GET /captcha': () => ({}),
  },
};
