import { userContracts } from '@vestibule/shared/contracts/user';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, openTables, startUserService, times } from './user-service.ts';

t.test('what WeChat says of an account', async (t) => {
  let now = Date.parse('2026-11-21T08:00:00.900Z');
  const taken = Date.parse('2026-11-21T08:00:00Z') / 1000;
  const parts = await testParts(t, { clock: () => now });
  const { log } = await startUserService(t, parts);
  const { call, create } = caller(parts);
  const db = await openTables(parts);
  const userOf = (id: number) => call(userContracts.getWechatUser, { id });
  const update = (id: number, wxUserinfo: Record<string, unknown>, takenAt?: number) =>
    call(userContracts.updateWechatUser, {
      id,
      profile: {},
      wxUserinfo,
      ...(takenAt === undefined ? {} : { takenAt }),
    });

  t.test('is kept as it was given, beside the account', async (t) => {
    const wxUserinfo = {
      nickName: '希诺佩 😀 \\u0000',
      gender: 2,
      tags: [{ a: null, b: [1.5, true] }],
      empty: {},
      city: '',
    };
    const { account } = await create({
      identities: [{ kind: 'wechat', value: 'oKept' }],
      profile: { name: 'Sinope' },
      wxUserinfo,
      unionid: 'u-kept',
    });
    t.strictSame(await userOf(account.id), { account, wxUserinfo });
    t.strictSame(await call(userContracts.get, { id: account.id }), account);
  });

  t.test('is null where WeChat said nothing', async (t) => {
    const { account } = await create();
    t.strictSame(await userOf(account.id), { account, wxUserinfo: null });
    await t.rejects(userOf(10_000_000), { code: 'account-unknown' });
  });

  t.test('is written with the given fields of the profile, and the rest stays', async (t) => {
    const { account } = await create({
      identities: [{ kind: 'nickname', value: 'WithWechat' }],
      profile: { name: 'Before', age: 30 },
      wxUserinfo: { city: 'Before' },
    });
    now += 60_000;
    const changed = await call(userContracts.updateWechatUser, {
      id: account.id,
      profile: { name: 'After' },
      wxUserinfo: { city: 'After' },
    });
    t.strictSame(changed, {
      account: {
        ...account,
        profile: { ...account.profile, name: 'After' },
        modifiedAt: '2026-11-21T08:01:00.900Z',
      },
      wxUserinfo: { city: 'After' },
    });
    t.strictSame(await userOf(account.id), changed);
    const named = await call(userContracts.updateWechatUser, { id: account.id, profile: { age: 31 } });
    t.match(named, { account: { profile: { name: 'After', age: 31 } }, wxUserinfo: { city: 'After' } });
  });

  t.test('gives way to what is as new or newer, and not to what is older', async (t) => {
    now = Date.parse('2026-11-21T08:00:00.900Z');
    const { id } = (await create({ wxUserinfo: { of: 'registration' } })).account;
    t.match(await update(id, { of: 'before' }, taken - 1), { wxUserinfo: { of: 'registration' } });
    t.match(await update(id, { of: 'the same second' }, taken), { wxUserinfo: { of: 'the same second' } });
    t.match(await update(id, { of: 'later' }, taken + 100), { wxUserinfo: { of: 'later' } });
    t.match(await update(id, { of: 'between' }, taken + 99), { wxUserinfo: { of: 'later' } });
    now += 99_000;
    t.match(await update(id, { of: 'now, too early' }), { wxUserinfo: { of: 'later' } });
    now += 1000;
    t.match(await update(id, { of: 'now' }), { wxUserinfo: { of: 'now' } });
    t.match(await userOf(id), { wxUserinfo: { of: 'now' } });
  });

  t.test('that is too old keeps no field of the profile from being written', async (t) => {
    const { id } = (await create({ wxUserinfo: { of: 'registration' } })).account;
    const late = { id, profile: { company: 'Acme' }, wxUserinfo: { of: 'old' }, takenAt: 1 };
    t.match(await call(userContracts.updateWechatUser, late), {
      account: { profile: { company: 'Acme' } },
      wxUserinfo: { of: 'registration' },
    });
  });

  t.test('that says the same again is no change, but is the newest from then on', async (t) => {
    const { account } = await create({ wxUserinfo: { a: 1, b: [2] } });
    const again = await update(account.id, { b: [2], a: 1 }, taken + 1000);
    t.strictSame(again, { account, wxUserinfo: { a: 1, b: [2] } });
    t.match(await update(account.id, { a: 2 }, taken + 999), { wxUserinfo: { a: 1 } });
  });

  t.test('50 at once, in any order: the newest stays', async (t) => {
    const { id } = (await create()).account;
    await Promise.all(
      times(50, (index) => update(id, { number: (index * 7) % 50 }, 1000 + ((index * 7) % 50))),
    );
    t.match(await userOf(id), { wxUserinfo: { number: 49 } });
    t.strictSame(
      await db.selectFrom('accounts').select('wx_taken_at').where('id', '=', id).executeTakeFirst(),
      { wx_taken_at: 1049 },
    );
  });

  t.test('the name that WeChat knows it by is kept, replaced, and never shown', async (t) => {
    const { id } = (await create({ unionid: 'u-first' })).account;
    const unionidOf = () =>
      db.selectFrom('accounts').select('unionid').where('id', '=', id).executeTakeFirstOrThrow();
    t.strictSame(await unionidOf(), { unionid: 'u-first' });
    await call(userContracts.updateWechatUser, { id, profile: {} });
    t.strictSame(await unionidOf(), { unionid: 'u-first' });
    const shown = await call(userContracts.updateWechatUser, { id, profile: {}, unionid: 'u-second' });
    t.strictSame(await unionidOf(), { unionid: 'u-second' });
    t.notMatch(JSON.stringify(shown), /u-second/);
  });

  t.test('of a deleted account is shown and stays as it is', async (t) => {
    const { id } = (await create({ wxUserinfo: { of: 'life' } })).account;
    await call(userContracts.setStatus, { id, status: 'deleted' });
    await t.rejects(update(id, { of: 'death' }), { code: 'account-unknown' });
    await t.rejects(update(10_000_000, {}), { code: 'account-unknown' });
    t.match(await userOf(id), { account: { status: 'deleted' }, wxUserinfo: { of: 'life' } });
  });

  t.test('that cannot be stored violates the contract and changes nothing', async (t) => {
    const { account } = await create({ wxUserinfo: { of: 'before' } });
    let deep = {};
    for (const _ of times(100, () => null)) deep = { deep };
    for (const wxUserinfo of [
      { a: 'x\0' },
      { 'k\ud83d': 1 },
      { a: ['\ude00'] },
      deep,
      { a: 'x'.repeat(8185) },
    ]) {
      await t.rejects(create({ wxUserinfo }), { code: 'contract-violated' });
      await t.rejects(
        call(userContracts.updateWechatUser, { id: account.id, profile: { qq: '1' }, wxUserinfo }),
        { code: 'contract-violated' },
      );
    }
    t.strictSame(await userOf(account.id), { account, wxUserinfo: { of: 'before' } });
    t.match(await update(account.id, { a: 'x'.repeat(8184) }), { account: { id: account.id } });
  });

  t.test('stands in no line of the log', async (t) => {
    const { id } = (
      await create({
        identities: [{ kind: 'wechat', value: 'o-secret-proved' }],
        wxUserinfo: { nickName: 'secret-nick' },
        unionid: 'u-secret',
      })
    ).account;
    await call(userContracts.updateWechatUser, {
      id,
      profile: { name: 'secret-name' },
      wxUserinfo: { nickName: 'secret-new-nick' },
      unionid: 'u-secret-2',
    });
    await call(userContracts.export, { id });
    const lines = log.filter(({ accountId }) => accountId === id);
    t.match(lines, [
      { msg: 'account created' },
      { msg: 'profile changed', fields: 'name wxUserinfo unionid' },
    ]);
    t.equal(lines.length, 2);
    t.notMatch(JSON.stringify(log), /secret/);
  });
});
