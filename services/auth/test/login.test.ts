import { authContracts } from '@vestibule/shared/contracts/auth';
import { userContracts } from '@vestibule/shared/contracts/user';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { admin, claimsOf, gateway, password, startAuth, startUser } from './auth-service.ts';
import { quickEngine } from './quick-engine.ts';

t.test('register', async (t) => {
  const parts = await testParts(t);
  const engine = quickEngine();
  await startUser(t, parts);
  await startAuth(t, parts, { engine });
  const { call, register, login, verify } = gateway(parts);

  t.test('makes the account and a session of it', async (t) => {
    const { account, token } = await call(authContracts.register, {
      identities: [{ kind: 'nickname', value: 'Sara' }],
      password,
      role: 'donor',
      status: 'active',
      profile: { firstName: 'Sara', lastName: 'Hammer' },
    });
    t.match(account, { role: 'donor', status: 'active', nickname: 'Sara' });
    t.match(account.profile, { firstName: 'Sara', lastName: 'Hammer', age: null });
    t.strictSame(await verify(token), {
      sessionId: claimsOf(token).sid,
      account: { id: account.id, role: 'donor', status: 'active' },
      openidHash: null,
    });
    t.equal((await login({ id: account.id })).account.id, account.id);
  });

  t.test('refuses a login that somebody has', async (t) => {
    await register('taken');
    await t.rejects(register('ＴＡＫＥＮ'), { code: 'identity-taken' });
  });

  t.test('gives the role admin to anybody while ADMIN_REGISTRATION is open', async (t) => {
    t.equal((await register('boss', { role: 'admin' })).account.role, 'admin');
  });
});

t.test('closed admin registration', async (t) => {
  const parts = await testParts(t);
  const engine = quickEngine();
  await startUser(t, parts);
  await startAuth(t, parts, { engine, environment: { ADMIN_REGISTRATION: 'closed' } });
  const { call } = gateway(parts);
  const request = (role: 'admin' | 'repair' | 'donor') => ({
    identities: [],
    password,
    role,
    status: 'active' as const,
    profile: {},
  });

  for (const role of ['admin', 'repair'] as const) {
    t.test(`lets nobody but an admin register as ${role}`, async (t) => {
      const { hashed } = engine.counts;
      const refused = { code: 'admin-registration-closed' };
      await t.rejects(call(authContracts.register, request(role)), refused);
      await t.rejects(call(authContracts.register, request(role), { ...admin, role: 'donor' }), refused);
      await t.rejects(call(authContracts.register, request(role), { ...admin, status: 'pending' }), refused);
      t.equal(engine.counts.hashed, hashed, 'no hash was computed for those');
      t.equal((await call(authContracts.register, request(role), admin)).account.role, role);
    });
  }

  t.test('does not concern the other roles', async (t) => {
    t.equal((await call(authContracts.register, request('donor'))).account.role, 'donor');
  });
});

t.test('login by password', async (t) => {
  const parts = await testParts(t);
  const engine = quickEngine();
  await startUser(t, parts);
  await startAuth(t, parts, { engine });
  const { call, register, login, setStatus, verify } = gateway(parts);
  const wrong = { code: 'credentials-wrong', details: {} };

  t.test('opens a new session each time, by id and by nickname', async (t) => {
    const { account } = await register('Tom');
    const first = await login({ id: account.id });
    const second = await login({ kind: 'nickname', value: 'tom' });
    t.equal(second.account.id, account.id);
    t.not(claimsOf(first.token).sid, claimsOf(second.token).sid);
    await verify(first.token);
    await verify(second.token);
  });

  t.test('an unknown login and a wrong password cost one comparison and answer the same', async (t) => {
    const { account } = await register('Una');
    for (const known of [{ id: account.id }, { kind: 'nickname', value: 'una' } as const]) {
      const { verified } = engine.counts;
      await t.rejects(login(known, { password: 'wrong' }), wrong);
      t.equal(engine.counts.verified, verified + 1);
    }
    for (const unknown of [{ id: 99_999_999 }, { kind: 'nickname', value: 'nobody' } as const]) {
      const { verified } = engine.counts;
      await t.rejects(login(unknown), wrong);
      t.equal(engine.counts.verified, verified + 1);
    }
  });

  t.test('an account without a password cannot be logged in to, at the same cost', async (t) => {
    const openid = { kind: 'openid', value: 'an-openid' } as const;
    const { account } = await call(authContracts.loginByOpenid, { openid, profile: {} });
    const { verified } = engine.counts;
    await t.rejects(login({ id: account.id }), wrong);
    t.equal(engine.counts.verified, verified + 1);
  });

  for (const status of ['frozen', 'deleted'] as const) {
    t.test(`a ${status} account is told so with the right password only`, async (t) => {
      const { account } = await register(`is ${status}`);
      await setStatus(account.id, status);
      await t.rejects(login({ id: account.id }), { code: 'account-inactive' });
      await t.rejects(login({ id: account.id }, { password: 'wrong' }), wrong);
    });
  }

  t.test('a pending account may log in', async (t) => {
    const { account } = await register('pending', { status: 'pending' });
    const { token } = await login({ id: account.id });
    t.match(await verify(token), { account: { status: 'pending' } });
  });

  t.test('never answers a hash', async (t) => {
    const { account } = await register('hashless');
    t.notMatch(JSON.stringify(await login({ id: account.id })), /hash of/);
  });
});

t.test('changing the password', async (t) => {
  const parts = await testParts(t);
  await startUser(t, parts);
  await startAuth(t, parts);
  const { register, login, changePassword, setStatus, verify } = gateway(parts);

  t.test('replaces the old one and ends all sessions', async (t) => {
    const { account, token } = await register('changes');
    const { token: other } = await login({ id: account.id });
    t.strictSame(await changePassword(account.id, 'a new one'), {});
    await t.rejects(verify(token), { code: 'session-dead' });
    await t.rejects(verify(other), { code: 'session-dead' });
    await t.rejects(login({ id: account.id }), { code: 'credentials-wrong' });
    await verify((await login({ id: account.id }, { password: 'a new one' })).token);
  });

  t.test('needs the old password, and an account that is in use', async (t) => {
    const { account, token } = await register('stays');
    const wrong = { password: 'wrong' };
    await t.rejects(changePassword(account.id, 'new', wrong), { code: 'credentials-wrong' });
    await t.rejects(changePassword(99_999_999, 'new'), { code: 'credentials-wrong' });
    await verify(token);
    await setStatus(account.id, 'frozen');
    await t.rejects(changePassword(account.id, 'new'), { code: 'account-inactive' });
    await t.rejects(changePassword(account.id, 'new', wrong), { code: 'credentials-wrong' });
  });

  t.test(
    'of two changes at the same time one wins, the other is told that the password is wrong',
    async (t) => {
      const { account } = await register('twice');
      const results = await Promise.allSettled([
        changePassword(account.id, 'one'),
        changePassword(account.id, 'two'),
      ]);
      const refused = results.filter((result) => result.status === 'rejected');
      t.equal(refused.length, 1);
      t.match(refused[0]?.reason, { code: 'credentials-wrong' });
      const winner = results[0].status === 'fulfilled' ? 'one' : 'two';
      await login({ id: account.id }, { password: winner });
    },
  );
});

t.test('login by openid', async (t) => {
  const parts = await testParts(t);
  await startUser(t, parts);
  await startAuth(t, parts);
  const { call, setStatus } = gateway(parts);
  const byOpenid = (value: string, qq: string) =>
    call(authContracts.loginByOpenid, { openid: { kind: 'openid', value }, profile: { qq } });

  t.test('makes the account from the profile, and never changes one that is there', async (t) => {
    const { account } = await byOpenid('o-1', 'first');
    t.match(account, { role: 'normal', status: 'active', profile: { qq: 'first' } });
    t.strictSame((await byOpenid('o-1', 'second')).account, account);
  });

  t.test('many at the same time reach one account', async (t) => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => byOpenid('o-2', 'x')));
    t.equal(new Set(answers.map(({ account }) => account.id)).size, 1);
  });

  for (const status of ['frozen', 'deleted'] as const) {
    t.test(`a ${status} account is refused`, async (t) => {
      const { account } = await byOpenid(`o-${status}`, 'x');
      await setStatus(account.id, status);
      await t.rejects(byOpenid(`o-${status}`, 'x'), { code: 'account-inactive' });
      t.equal((await call(userContracts.get, { id: account.id })).status, status);
    });
  }
});
