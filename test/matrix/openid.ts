import type { Asking, Matrix } from './run.ts';

const documented = `
operation                        | meant for | nobody | pending | pending, other | pending admin | own  | other | donor | volunteer | repair | admin | frozen | deleted | logged out | expired | forged | foreign | proved | cookie | own origin | foreign origin
POST /service/user/login         | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | -2     | -2      | good       | good    | good   | good    | good   | good   | good       | good
POST /service/user/getOpenid     | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | good   | good    | good       | good    | good   | good    | good   | good   | good       | good
POST /service/user/loginByOpenid | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | -3     | -3      | good       | good    | good   | good    | -2     | good   | good       | good
POST /service/user/get           | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | -3     | -3      | good       | good    | good   | good    | -4     | good   | good       | good
POST /service/user/update        | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | -2     | -2      | good       | good    | good   | good    | -2     | good   | good       | good
POST /service/user/addHistory    | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | -2     | -2      | good       | good    | good   | good    | -2     | good   | good       | good
POST /service/user/getHistory    | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | -2     | -2      | good       | good    | good   | good    | -2     | good   | good       | good
POST /service/user/cleanHistory  | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | -2     | -2      | good       | good    | good   | good    | -2     | good   | good       | good
`;

const bound = `
operation                        | meant for | nobody   | pending | pending, other | pending admin | own  | other | donor | volunteer | repair | admin | frozen   | deleted  | logged out | expired  | forged   | foreign  | proved | cookie | own origin | foreign origin
POST /service/user/login         | normal    | login -2 | good    | no -2          | no -2         | good | no -2 | no -2 | no -2     | no -2  | no -2 | login -2 | login -2 | login -2   | login -2 | login -2 | login -2 | good   | good   | good       | no -2
POST /service/user/getOpenid     | normal    | good     | good    | good           | good          | good | good  | good  | good      | good   | good  | good     | good     | good       | good     | good     | good     | good   | good   | good       | good
POST /service/user/loginByOpenid | normal    | login -2 | good    | no -2          | no -2         | good | no -2 | no -2 | no -2     | no -2  | no -2 | login -2 | login -2 | login -2   | login -2 | login -2 | login -2 | -2     | good   | good       | no -3
POST /service/user/get           | normal    | login -2 | good    | no -2          | no -2         | good | no -2 | no -2 | no -2     | no -2  | no -2 | login -2 | login -2 | login -2   | login -2 | login -2 | login -2 | -4     | good   | good       | no -3
POST /service/user/update        | normal    | login -2 | good    | no -2          | no -2         | good | no -2 | no -2 | no -2     | no -2  | no -2 | login -2 | login -2 | login -2   | login -2 | login -2 | login -2 | -2     | good   | good       | no -2
POST /service/user/addHistory    | normal    | login -2 | good    | no -2          | no -2         | good | no -2 | no -2 | no -2     | no -2  | no -2 | login -2 | login -2 | login -2   | login -2 | login -2 | login -2 | -2     | good   | good       | no -2
POST /service/user/getHistory    | normal    | login -2 | good    | no -2          | no -2         | good | no -2 | no -2 | no -2     | no -2  | no -2 | login -2 | login -2 | login -2   | login -2 | login -2 | login -2 | -2     | good   | good       | no -2
POST /service/user/cleanHistory  | normal    | login -2 | good    | no -2          | no -2         | good | no -2 | no -2 | no -2     | no -2  | no -2 | login -2 | login -2 | login -2   | login -2 | login -2 | login -2 | -2     | good   | good       | no -2
`;

const profile = { phone: '12345678912', qq: '10001', cardno: '0111111111111' };

/** Each operation's request for an openid. */
const requestsFor = (openidOf: (asking: Asking) => string): Matrix['requests'] => {
  const about =
    (fields: object = {}) =>
    (asking: Asking) => ({ fields: { openid: openidOf(asking), ...fields } });
  return {
    'POST /service/user/login': about(profile),
    'POST /service/user/getOpenid': ({ caller }) => ({ fields: { js_code: caller.code } }),
    'POST /service/user/loginByOpenid': about(),
    'POST /service/user/get': about(),
    'POST /service/user/update': about({ update: { phone: '13333333333' } }),
    'POST /service/user/addHistory': about({ hist: '123' }),
    'POST /service/user/getHistory': about(),
    'POST /service/user/cleanHistory': about(),
  };
};

const words: Matrix['words'] = {
  good: { status: 200, body: { code: 0, msg: 'success' } },
  '-2': { status: 200, body: { code: -2, data: [] } },
  '-3': { status: 200, body: { code: -3, data: [] } },
  '-4': { status: 200, body: { code: -4, data: [] } },
  'login -2': { status: 401, body: { code: -2, data: [] } },
  'no -2': { status: 403, body: { code: -2, data: [] } },
  'no -3': { status: 403, body: { code: -3, data: [] } },
};

/** The openid document as it is: whoever knows an openid may use it. contract.md, sections 0 and 4. */
export const openid: Matrix = {
  table: documented,
  words,
  requests: requestsFor(({ subject }) => subject.claimedOpenid),
  openids: true,
};

/** The same with OPENID_BINDING=token: every operation but getOpenid needs the token of its proved openid. */
export const boundOpenid: Matrix = {
  table: bound,
  words,
  requests: requestsFor(({ subject }) => subject.provedOpenid),
  environment: { OPENID_BINDING: 'token' },
  openids: true,
  bound: true,
};
