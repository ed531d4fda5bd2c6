import type { CallContext } from '@vestibule/shared/call-context';
import { AppError } from '@vestibule/shared/errors';
import t from 'tap';
import type { SessionOwner } from '../src/sessions.ts';
import type { Users } from '../src/users.ts';
import type { Proof } from '../src/wechat.ts';
import { createWeChatLogin } from '../src/wechat-login.ts';
import { accountFound } from './accounts.ts';
import { encrypt } from './wechat-stub.ts';

const context: CallContext = { requestId: 'a-request', deadline: 5000 };
const proved: Proof = {
  appid: 'wx-app',
  openid: 'o-sara',
  sessionKey: 'tiihtNczf5v6AKRyjwEUhQ==',
  unionid: null,
};
const found = accountFound({ sessionEpoch: 2 });
const user = { account: found.account, wxUserinfo: { nickName: 'as it is kept' } };
const wechatOf = { kind: 'wechat', value: 'o-sara' };
const inactive = { code: 'account-inactive' };

type Fakes = { proof?: Partial<Proof>; users?: Partial<Users> };

/** The ways in by a code, of which each step is noted. */
function ways({ proof = {}, users = {} }: Fakes = {}) {
  const steps: unknown[][] = [];
  const opened: SessionOwner[] = [];
  const answers: Pick<Users, 'find' | 'create' | 'getWechatUser' | 'updateWechatUser'> = {
    find: async () => found,
    create: async () => found,
    getWechatUser: async () => user,
    updateWechatUser: async () => user,
    ...users,
  };
  return {
    steps,
    opened,
    ...createWeChatLogin({
      wechat: {
        prove(code, _context, use) {
          steps.push(['prove', code]);
          return use({ ...proved, ...proof });
        },
      },
      users: {
        find(input) {
          steps.push(['find', input]);
          return answers.find(input, context);
        },
        create(input) {
          steps.push(['create', input]);
          return answers.create(input, context);
        },
        getWechatUser(input) {
          steps.push(['get', input]);
          return answers.getWechatUser(input, context);
        },
        updateWechatUser(input) {
          steps.push(['update', input]);
          return answers.updateWechatUser(input, context);
        },
      },
      sessions: {
        async open(owner) {
          opened.push(owner);
          return 'a token';
        },
      },
      roleRule: (role) => {
        if (role === 'admin') throw new AppError('admin-registration-closed');
      },
    }),
  };
}

t.test('a code is traded for its openid, and for a session of it when that is bound', async (t) => {
  const free = ways();
  t.strictSame(await free.exchange({ code: 'c-1', appid: 'wx-app', bind: false }, context), {
    openid: 'o-sara',
    token: null,
  });
  t.strictSame(free.steps, [['prove', { code: 'c-1', appid: 'wx-app' }]]);
  const bound = ways();
  t.strictSame(await bound.exchange({ code: 'c-1', bind: true }, context), {
    openid: 'o-sara',
    token: 'a token',
  });
  t.strictSame(bound.steps[1], ['find', wechatOf]);
  const nobodys = ways({ users: { find: async () => null } });
  await nobodys.exchange({ code: 'c-1', bind: true }, context);
  t.strictSame(
    [...bound.opened, ...nobodys.opened],
    [
      { openid: 'o-sara', access: found.access },
      { openid: 'o-sara', access: null },
    ],
  );
});

const registration = { code: 'c-1', role: 'normal', profile: { name: 'Sara' } } as const;

t.test('who registers by a code has an active account of the proved openid, and a session', async (t) => {
  const { register, steps, opened } = ways();
  t.strictSame(await register({ ...registration, appid: 'wx-app' }, context), {
    user: { account: found.account, wxUserinfo: null },
    token: 'a token',
  });
  t.strictSame(steps, [
    ['prove', { code: 'c-1', appid: 'wx-app' }],
    [
      'create',
      {
        role: 'normal',
        profile: { name: 'Sara' },
        identities: [wechatOf],
        passwordHash: null,
        status: 'active',
      },
    ],
  ]);
  t.strictSame(opened, [{ access: found.access, way: 'registration' }]);
});

t.test('what WeChat says of who registers is kept with the account', async (t) => {
  const { register, steps } = ways({ proof: { unionid: 'u-sara' } });
  const answer = await register({ ...registration, wxUserinfo: { nickName: 'Sara' } }, context);
  t.strictSame(answer.user.wxUserinfo, { nickName: 'Sara' });
  t.match(steps[1], ['create', { wxUserinfo: { nickName: 'Sara' }, unionid: 'u-sara' }]);
});

t.test('a role that may not be had costs no code; an openid that is taken opens no session', async (t) => {
  const { register, steps } = ways();
  await t.rejects(register({ ...registration, role: 'admin' }, context), {
    code: 'admin-registration-closed',
  });
  t.strictSame(steps, []);
  const taken = ways({ users: { create: async () => null } });
  await t.rejects(taken.register(registration, context), { code: 'identity-taken' });
  t.strictSame(taken.opened, []);
});

t.test('a login by a code opens a session of the account, whose profile stays as it is', async (t) => {
  const { login, steps, opened } = ways();
  t.strictSame(await login({ code: 'c-1' }, context), { user, token: 'a token' });
  t.strictSame(steps, [
    ['prove', { code: 'c-1' }],
    ['find', wechatOf],
    ['get', { id: 10_000_001 }],
  ]);
  t.strictSame(opened, [{ access: found.access, way: 'wechat' }]);
});

/** WeChat's profile of a user, as it encrypts it. */
const encrypted = (given: object = {}) =>
  encrypt(
    'tiihtNczf5v6AKRyjwEUhQ==',
    JSON.stringify({
      openId: 'o-sara',
      nickName: 'Sara',
      ...given,
      watermark: { appid: 'wx-app', timestamp: 1_700_000_000 },
    }),
  );

t.test('what WeChat has said since is kept: the profile, and what it calls the person', async (t) => {
  const update = { id: 10_000_001, profile: {} };
  const told = { wxUserinfo: { nickName: 'Sara' }, takenAt: 1_700_000_000 };
  const cases: [Fakes['proof'], object | undefined, object][] = [
    [{}, {}, told],
    [{ unionid: 'u-code' }, undefined, { unionid: 'u-code' }],
    [{ unionid: 'u-code' }, {}, { ...told, unionid: 'u-code' }],
    [{ unionid: 'u-code' }, { unionId: 'u-data' }, { ...told, unionid: 'u-data' }],
  ];
  for (const [proof = {}, data, news] of cases) {
    const { login, steps } = ways({ proof });
    await login({ code: 'c-1', ...(data && { encrypted: encrypted(data) }) }, context);
    t.strictSame(steps[2], ['update', { ...update, ...news }]);
  }
});

t.test('data that is another user’s opens nothing', async (t) => {
  const { login, steps, opened } = ways();
  const foreign = encrypted({ openId: 'o-ann' });
  await t.rejects(login({ code: 'c-1', encrypted: foreign }, context), { code: 'wechat-data-invalid' });
  t.strictSame([steps.length, opened.length], [1, 0]);
});

t.test('an openid without an account, or of one that may not be used, is refused', async (t) => {
  const unknown = ways({ users: { find: async () => null } });
  await t.rejects(unknown.login({ code: 'c-1' }, context), { code: 'account-unknown' });
  await t.rejects(unknown.identify({ code: 'c-1' }, context), { code: 'account-unknown' });
  for (const status of ['frozen', 'deleted'] as const) {
    const { login, identify, opened } = ways({ users: { find: async () => accountFound({ status }) } });
    await t.rejects(login({ code: 'c-1' }, context), inactive, status);
    await t.rejects(identify({ code: 'c-1' }, context), inactive, status);
    t.strictSame(opened, []);
  }
  const removed = ways({ users: { getWechatUser: async () => null } });
  await t.rejects(removed.login({ code: 'c-1' }, context), inactive, 'removed meanwhile');
  t.strictSame(removed.opened, []);
});

t.test('a code says whose it is without a session', async (t) => {
  const { identify, steps, opened } = ways();
  t.strictSame(await identify({ code: 'c-1', appid: 'wx-app' }, context), { account: found.account });
  t.strictSame(steps, [
    ['prove', { code: 'c-1', appid: 'wx-app' }],
    ['find', wechatOf],
  ]);
  t.strictSame(opened, []);
});
