import { authContracts } from '@vestibule/shared/contracts/auth';
import type { RequestOf } from '@vestibule/shared/contracts/contract';
import { userContracts } from '@vestibule/shared/contracts/user';
import { testParts } from '@vestibule/shared/test/parts';
import t, { type Test } from 'tap';
import { admin, claimsOf, gateway, openTables, startAuth, startUser } from './auth-service.ts';
import { encrypt, type StubSession, startWeChatStub, wechatSettings } from './wechat-stub.ts';

const sessionKey = 'tiihtNczf5v6AKRyjwEUhQ==';
type Contracts = typeof authContracts;
type Registration = RequestOf<Contracts['registerByWechat']>;

/** Auth and user, and a WeChat whose codes are each good once. */
async function platform(t: Test, environment: Record<string, string> = {}) {
  const stub = await startWeChatStub(t);
  const parts = await testParts(t);
  const log: string[] = [];
  const user = await startUser(t, parts);
  await startAuth(t, parts, { log, environment: { ...wechatSettings(stub), ...environment } });
  const calls = gateway(parts);
  let issued = 0;
  /** A fresh code of a user. */
  const codeOf = (openid: string, given: Partial<StubSession> = {}) => {
    issued += 1;
    return stub.issue(`code ${issued}`, { openid, session_key: sessionKey, ...given });
  };
  const register = (code: string, draft: Partial<Registration> = {}, caller?: typeof admin) =>
    calls.call(authContracts.registerByWechat, { code, profile: {}, role: 'normal', ...draft }, caller);
  const login = (code: string, encrypted?: { data: string; iv: string }) =>
    calls.call(authContracts.loginByWechat, { code, ...(encrypted && { encrypted }) });
  const identify = (code: string) => calls.call(authContracts.identifyByWechat, { code });
  /** The profile of a user as WeChat encrypts it. */
  const encrypted = (openId: string, given: object = {}, timestamp = 1_700_000_000) =>
    encrypt(sessionKey, JSON.stringify({ openId, ...given, watermark: { appid: 'wx-app', timestamp } }));
  const unionids = async () => {
    const users = await parts.database.open<{ accounts: { unionid: string | null } }>({
      schema: 'users',
      migrations: {},
    });
    const rows = await users.selectFrom('accounts').select('unionid').execute();
    return rows.map(({ unionid }) => unionid);
  };
  return { ...stub, ...calls, parts, log, user, codeOf, register, login, identify, encrypted, unionids };
}

t.test('register', async (t) => {
  const { codeOf, register, identify, verify, call } = await platform(t);

  t.test(
    'makes an active account of the proved openid, with its WeChat profile, and a session',
    async (t) => {
      const wxUserinfo = { nickName: '张三', tags: [1, { a: null }] };
      const profile = { name: 'Sara', company: '公司', age: 30 };
      const { user, token } = await register(codeOf('o-sara'), { profile, wxUserinfo });
      t.match(user.account, { role: 'normal', status: 'active', nickname: '', profile });
      t.strictSame(user.wxUserinfo, wxUserinfo);
      t.strictSame(await verify(token), {
        sessionId: claimsOf(token).sid,
        account: { id: user.account.id, role: 'normal', status: 'active' },
        openidHash: null,
      });
      t.equal((await identify(codeOf('o-sara'))).account.id, user.account.id);
      t.strictSame(await call(userContracts.getWechatUser, { id: user.account.id }), user);
    },
  );

  t.test('without a WeChat profile there is none', async (t) => {
    t.equal((await register(codeOf('o-plain'))).user.wxUserinfo, null);
  });

  t.test('is refused for an openid that has an account, a deleted one too', async (t) => {
    const { user } = await register(codeOf('o-twice'));
    await t.rejects(register(codeOf('o-twice')), { code: 'identity-taken' });
    await call(userContracts.setStatus, { id: user.account.id, status: 'deleted' }, admin);
    await t.rejects(register(codeOf('o-twice')), { code: 'identity-taken' });
  });

  t.test('is not kept from its owner by somebody who claims the openid', async (t) => {
    const claimed = await call(authContracts.loginByOpenid, {
      openid: { kind: 'openid', value: 'o-claimed' },
      profile: {},
    });
    const { user } = await register(codeOf('o-claimed'));
    t.not(user.account.id, claimed.account.id);
    t.equal((await identify(codeOf('o-claimed'))).account.id, user.account.id);
  });

  t.test('is refused when WeChat refuses the code', async (t) => {
    const code = codeOf('o-used');
    await register(code);
    await t.rejects(register(code), { code: 'wechat-refused' });
    await t.rejects(register('no such code'), { code: 'wechat-refused' });
  });

  t.test('gives any role while ADMIN_REGISTRATION is open', async (t) => {
    t.equal((await register(codeOf('o-boss'), { role: 'admin' })).user.account.role, 'admin');
  });
});

t.test('with closed admin registration', async (t) => {
  const { codeOf, register, asked } = await platform(t, { ADMIN_REGISTRATION: 'closed' });
  for (const role of ['admin', 'repair'] as const) {
    t.test(`the role ${role} is an admin's to give, and the code is not spent on it`, async (t) => {
      asked.length = 0;
      const code = codeOf(`o-${role}`);
      await t.rejects(register(code, { role }), { code: 'admin-registration-closed' });
      t.equal(asked.length, 0);
      const { user } = await register(code, { role }, admin);
      t.equal(user.account.role, role);
    });
  }
  t.test('the other roles are free', async (t) => {
    t.equal((await register(codeOf('o-donor'), { role: 'donor' })).user.account.role, 'donor');
  });
});

t.test('login', async (t) => {
  const { codeOf, register, login, verify, encrypted, call, setStatus } = await platform(t);

  t.test('opens a session of the account, with the profile that is known', async (t) => {
    const registered = await register(codeOf('o-sara'), { wxUserinfo: { nickName: 'Sara' } });
    const { user, token } = await login(codeOf('o-sara'));
    t.strictSame(user, registered.user);
    t.equal((await verify(token)).account?.id, user.account.id);
  });

  t.test('with encrypted data, stores a fresher profile and keeps it from an older one', async (t) => {
    const { user } = await register(codeOf('o-fresh'));
    const later = encrypted('o-fresh', { nickName: 'later', unionId: 'u' }, 4_000_000_000);
    t.strictSame((await login(codeOf('o-fresh'), later)).user.wxUserinfo, { nickName: 'later' });
    const earlier = encrypted('o-fresh', { nickName: 'earlier' }, 3_999_999_999);
    t.strictSame((await login(codeOf('o-fresh'), earlier)).user.wxUserinfo, { nickName: 'later' });
    t.strictSame((await call(userContracts.getWechatUser, { id: user.account.id })).wxUserinfo, {
      nickName: 'later',
    });
  });

  t.test('with data of somebody else, of another session or of no kind, opens none', async (t) => {
    await register(codeOf('o-victim'), { wxUserinfo: { nickName: 'as it was' } });
    const foreign = encrypt('HyVFkGl5F5OQWJZZaNzBBg==', '{}');
    for (const data of [encrypted('o-sara'), foreign, { data: '', iv: '' }, { data: 'x', iv: '!' }]) {
      await t.rejects(login(codeOf('o-victim'), data), { code: 'wechat-data-invalid', details: {} });
    }
    t.strictSame((await login(codeOf('o-victim'))).user.wxUserinfo, { nickName: 'as it was' });
  });

  t.test('with a session key that WeChat did not give, data are not opened', async (t) => {
    await register(codeOf('o-keyless'));
    await t.rejects(login(codeOf('o-keyless', { session_key: '' }), encrypted('o-keyless')), {
      code: 'wechat-data-invalid',
    });
  });

  t.test('an openid that nobody registered is unknown, a claimed one too', async (t) => {
    await call(authContracts.loginByOpenid, { openid: { kind: 'openid', value: 'o-new' }, profile: {} });
    await t.rejects(login(codeOf('o-new')), { code: 'account-unknown' });
    await t.rejects(login(codeOf('o-new'), encrypted('o-new')), { code: 'account-unknown' });
  });

  for (const status of ['frozen', 'deleted'] as const) {
    t.test(`a ${status} account is inactive, and its profile stays as it is`, async (t) => {
      const { user } = await register(codeOf(`o-${status}`), { wxUserinfo: { nickName: 'before' } });
      await setStatus(user.account.id, status);
      const data = encrypted(`o-${status}`, { nickName: 'after' }, 4_000_000_000);
      await t.rejects(login(codeOf(`o-${status}`)), { code: 'account-inactive' });
      await t.rejects(login(codeOf(`o-${status}`), data), { code: 'account-inactive' });
      const { wxUserinfo } = await call(userContracts.getWechatUser, { id: user.account.id });
      t.strictSame(wxUserinfo, { nickName: 'before' });
    });
  }
});

t.test('a fresh code names the account, without a session', async (t) => {
  const { codeOf, register, identify, setStatus, parts } = await platform(t);
  const { user } = await register(codeOf('o-sara'));
  const sessions = async () =>
    (await (await openTables(parts)).selectFrom('sessions').selectAll().execute()).length;
  t.strictSame(await identify(codeOf('o-sara')), { account: user.account });
  t.equal(await sessions(), 1, 'that of the registration');
  await t.rejects(identify(codeOf('o-unknown')), { code: 'account-unknown' });
  await t.rejects(identify('no such code'), { code: 'wechat-refused' });
  await setStatus(user.account.id, 'frozen');
  await t.rejects(identify(codeOf('o-sara')), { code: 'account-inactive' });
});

t.test('the UnionID is kept when it is given', async (t) => {
  for (const [name, given] of Object.entries({
    'by the registration': [{ unionid: 'u-sara' }, {}, undefined],
    'by a later login': [{}, { unionid: 'u-sara' }, undefined],
    'within encrypted data': [{}, {}, { unionId: 'u-sara' }],
  } as const)) {
    t.test(name, async (t) => {
      const { codeOf, register, login, encrypted, unionids } = await platform(t);
      const [atFirst, later, data] = given;
      const { user } = await register(codeOf('o-sara', atFirst));
      const answer = await login(codeOf('o-sara', later), data && encrypted('o-sara', data));
      t.strictSame(await unionids(), ['u-sara']);
      t.equal(answer.user.account.id, user.account.id);
      await login(codeOf('o-sara'));
      t.strictSame(await unionids(), ['u-sara'], 'and stays when it is not');
      t.notMatch(JSON.stringify(answer), 'u-sara', 'no answer shows it');
    });
  }
});

t.test('a code is not spent on a failure of ours', async (t) => {
  const { codeOf, register, login, user, parts, asked } = await platform(t);
  await register(codeOf('o-sara'));
  const code = codeOf('o-sara');
  asked.length = 0;
  await user.close();
  await t.rejects(login(code), { code: 'unavailable' });
  await startUser(t, parts);
  t.match(await login(code), { token: /\./ });
  t.equal(asked.length, 1, 'the repeat is answered from the first exchange');
  await t.rejects(login(code), { code: 'wechat-refused' });
});

t.test(
  'openid, session key, code and UnionID are in no answer, no log and no table but that of users',
  async (t) => {
    const { codeOf, register, login, encrypted, log, parts } = await platform(t);
    const openid = 'o-canary-4711';
    const code = codeOf(openid, { unionid: 'u-canary' });
    const answers = [
      await register(code),
      await login(codeOf(openid), encrypted(openid, { nickName: 'x' })),
      await login(codeOf(openid)),
    ];
    const rows = await (await openTables(parts)).selectFrom('sessions').selectAll().execute();
    for (const text of [JSON.stringify(answers), log.join(''), JSON.stringify(rows)]) {
      for (const secret of [openid, sessionKey, code, 'u-canary']) t.notOk(text.includes(secret));
    }
  },
);
