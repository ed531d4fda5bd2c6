import { userContracts } from '@vestibule/shared/contracts/user';
import { noProfile } from '@vestibule/shared/test/no-profile';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, openTables, startUserService } from './user-service.ts';

t.test('accounts', async (t) => {
  let now = Date.parse('2026-11-21T08:00:00.123Z');
  const parts = await testParts(t, { clock: () => now });
  const { log } = await startUserService(t, parts);
  const { call, create } = caller(parts);
  const db = await openTables(parts);

  t.test('an account made of nothing has empty texts, a null age and an id of 8 digits', async (t) => {
    const { account, access } = await create();
    t.match(String(account.id), /^[1-9]\d{7}$/);
    t.strictSame(account, {
      id: account.id,
      role: 'normal',
      status: 'active',
      nickname: '',
      profile: noProfile,
      createdAt: '2026-11-21T08:00:00.123Z',
      modifiedAt: '2026-11-21T08:00:00.123Z',
    });
    t.strictSame(access, {
      accountId: account.id,
      role: 'normal',
      status: 'active',
      sessionEpoch: 0,
      version: 0,
    });
  });

  t.test('an account is answered with all that it was made of', async (t) => {
    const profile = {
      firstName: 'Sinope',
      lastName: 'Nanto',
      name: '希诺佩',
      phone: '13333333333',
      address: '1 Road',
      company: 'Acme',
      age: 41,
      email: 'abc@abc.com',
      position: '职位1',
      qq: '10001',
      cardno: '0111111111111',
      wxid: 'weixin_id123',
    };
    const { account } = await create({
      identities: [{ kind: 'nickname', value: 'Sinope_1' }],
      role: 'volunteer',
      status: 'pending',
      profile,
    });
    t.match(account, { role: 'volunteer', status: 'pending', nickname: 'Sinope_1' });
    t.strictSame(account.profile, profile);
    t.strictSame(await call(userContracts.get, { id: account.id }), account);
  });

  t.test('an unknown id answers account-unknown', async (t) => {
    await t.rejects(call(userContracts.get, { id: 10_000_000 }), { code: 'account-unknown' });
    await t.rejects(call(userContracts.credentials, { login: { id: 10_000_000 } }), {
      code: 'account-unknown',
    });
    await t.rejects(call(userContracts.updateProfile, { id: 10_000_000, profile: { qq: '1' } }), {
      code: 'account-unknown',
    });
  });

  t.test('an account is found by each of its identities, and by nothing else', async (t) => {
    const { account, access } = await create({
      identities: [
        { kind: 'nickname', value: 'Ｆｉｎｄ_Me' },
        { kind: 'phone', value: '13344445555' },
        { kind: 'wechat', value: 'oProved' },
        { kind: 'openid', value: 'oClaimed' },
      ],
    });
    for (const value of ['Ｆｉｎｄ_Me', 'find_me', 'FIND_ME']) {
      t.strictSame(await call(userContracts.find, { kind: 'nickname', value }), { account, access }, value);
    }
    t.equal(account.nickname, 'Ｆｉｎｄ_Me', 'the nickname is kept as written');
    t.equal((await call(userContracts.find, { kind: 'phone', value: '13344445555' })).account.id, account.id);
    t.equal((await call(userContracts.find, { kind: 'wechat', value: 'oProved' })).account.id, account.id);
    t.equal((await call(userContracts.find, { kind: 'openid', value: 'oClaimed' })).account.id, account.id);
    for (const identity of [
      { kind: 'nickname', value: 'find_m' },
      { kind: 'phone', value: 'find_me' },
      { kind: 'wechat', value: 'oClaimed' },
      { kind: 'openid', value: 'oProved' },
      { kind: 'wechat', value: 'oproved' },
      { kind: 'openid', value: 'OCLAIMED' },
    ] as const) {
      await t.rejects(call(userContracts.find, identity), { code: 'account-unknown' }, identity.value);
    }
  });

  t.test('a proved and a claimed openid of the same text belong to two accounts', async (t) => {
    const proved = await create({ identities: [{ kind: 'wechat', value: 'oSame' }] });
    const claimed = await create({ identities: [{ kind: 'openid', value: 'oSame' }] });
    t.not(proved.account.id, claimed.account.id);
    t.equal(
      (await call(userContracts.find, { kind: 'wechat', value: 'oSame' })).account.id,
      proved.account.id,
    );
  });

  t.test('an identity that another account has makes no account, no identity and no password', async (t) => {
    await create({ identities: [{ kind: 'nickname', value: 'Taken' }] });
    const count = async () =>
      (await db.selectFrom('accounts').select('id').execute()).length +
      (await db.selectFrom('passwords').select('account_id').execute()).length;
    const before = await count();
    await t.rejects(
      create({
        identities: [
          { kind: 'phone', value: '13300001111' },
          { kind: 'nickname', value: 'TAKEN' },
        ],
        passwordHash: 'a-hash',
      }),
      { code: 'identity-taken' },
    );
    t.equal(await count(), before);
    await t.rejects(call(userContracts.find, { kind: 'phone', value: '13300001111' }), {
      code: 'account-unknown',
    });
  });

  t.test('one identity twice, or two nicknames, make no account', async (t) => {
    const twice = [
      { kind: 'phone', value: '13300002222' },
      { kind: 'phone', value: '13300002222' },
    ] as const;
    const nicknames = [
      { kind: 'nickname', value: 'First_one' },
      { kind: 'nickname', value: 'Second_one' },
    ] as const;
    for (const identities of [twice, nicknames]) {
      await t.rejects(create({ identities: [...identities] }), { code: 'identity-taken' });
      for (const identity of identities) {
        await t.rejects(call(userContracts.find, identity), { code: 'account-unknown' }, identity.value);
      }
    }
  });

  t.test('a deleted account keeps its identities and is still answered', async (t) => {
    const identity = { kind: 'nickname', value: 'Gone' } as const;
    const { account } = await create({ identities: [identity], passwordHash: 'a-hash' });
    await call(userContracts.setStatus, { id: account.id, status: 'deleted' });
    await t.rejects(create({ identities: [identity] }), { code: 'identity-taken' });
    t.equal((await call(userContracts.get, { id: account.id })).status, 'deleted');
    t.equal((await call(userContracts.find, identity)).account.status, 'deleted');
    t.match(await call(userContracts.credentials, { login: identity }), {
      account: { status: 'deleted' },
      passwordHash: 'a-hash',
    });
    t.equal((await call(userContracts.access, { id: account.id })).status, 'deleted');
  });

  t.test('credentials answers the hash by id and by identity, and null where there is none', async (t) => {
    const identity = { kind: 'phone', value: '13311112222' } as const;
    const { account, access } = await create({ identities: [identity], passwordHash: '$argon2id$x' });
    const expected = { account, access, passwordHash: '$argon2id$x' };
    t.strictSame(await call(userContracts.credentials, { login: { id: account.id } }), expected);
    t.strictSame(await call(userContracts.credentials, { login: identity }), expected);
    const bare = await create();
    const { passwordHash } = await call(userContracts.credentials, { login: { id: bare.account.id } });
    t.equal(passwordHash, null);
    await t.rejects(call(userContracts.credentials, { login: { kind: 'phone', value: '1' } }), {
      code: 'account-unknown',
    });
  });

  t.test('a profile change writes the given fields alone, and the time', async (t) => {
    const { account } = await create({
      identities: [{ kind: 'nickname', value: 'Changing' }],
      profile: { firstName: 'Sara', lastName: 'Hammer', age: 30, qq: '1' },
    });
    now += 60_000;
    const changed = await call(userContracts.updateProfile, {
      id: account.id,
      profile: { lastName: 'Nail', age: null, qq: '' },
    });
    t.strictSame(changed, {
      ...account,
      profile: { ...noProfile, firstName: 'Sara', lastName: 'Nail' },
      modifiedAt: '2026-11-21T08:01:00.123Z',
    });
    t.equal(changed.nickname, 'Changing');
    t.strictSame(await call(userContracts.get, { id: account.id }), changed);
    t.strictSame(await call(userContracts.search, { lastName: 'hammer', page: 1, perPage: 10 }), { ids: [] });
    t.strictSame(await call(userContracts.search, { lastName: 'nail', page: 1, perPage: 10 }), {
      ids: [account.id],
    });
  });

  t.test('a request with fields that no contract names writes none of them', async (t) => {
    const { account } = await create();
    const smuggled = { qq: '2', role: 'admin', status: 'frozen', id: 10_000_009, version: 9 };
    t.match(await call(userContracts.updateProfile, { id: account.id, profile: smuggled }), {
      id: account.id,
      role: 'normal',
      status: 'active',
      profile: { qq: '2' },
    });
  });

  t.test('what is made and changed is logged with request and caller, without personal data', async (t) => {
    log.length = 0;
    const { account } = await create({
      identities: [{ kind: 'phone', value: '13399998888' }],
      passwordHash: 'secret-hash',
      profile: { name: 'Nobody Else' },
    });
    await call(userContracts.updateProfile, { id: account.id, profile: { email: 'me@example.org' } });
    const lines = log.filter(({ accountId }) => accountId === account.id);
    t.match(lines, [
      { msg: 'account created', level: 30, requestId: 'a-request', callerId: 10_000_001, role: 'normal' },
      { msg: 'profile changed', level: 30, requestId: 'a-request', callerId: 10_000_001 },
    ]);
    t.equal(lines.length, 2);
    t.notMatch(JSON.stringify(log), /13399998888|secret-hash|Nobody Else|me@example/);
  });
});

t.test('a closed replica answers no more', async (t) => {
  const parts = await testParts(t);
  const { close } = await startUserService(t, parts);
  const { call, create } = caller(parts);
  const { account } = await create();
  await close();
  await t.rejects(call(userContracts.get, { id: account.id }), { code: 'unavailable' });
});
