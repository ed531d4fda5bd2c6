import { userContracts } from '@vestibule/shared/contracts/user';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, startUserService } from './user-service.ts';

t.test('the export of an account', async (t) => {
  const parts = await testParts(t);
  await startUserService(t, parts);
  const { call, create } = caller(parts);
  const exportOf = (id: number) => call(userContracts.export, { id });

  t.test('holds all that is kept of it, and no hash', async (t) => {
    const { account } = await create({
      identities: [
        { kind: 'nickname', value: 'Ｅxported' },
        { kind: 'phone', value: '13377778888' },
        { kind: 'wechat', value: 'oExported' },
        { kind: 'openid', value: 'oClaimed' },
      ],
      passwordHash: '$argon2id$secret',
      profile: { name: 'Sinope', email: 'abc@abc.com' },
      avatar: { contentType: 'image/png', data: 'cGljdHVyZQ==' },
      wxUserinfo: { city: '广州' },
      unionid: 'u-exported',
    });
    await call(userContracts.addHistory, { id: account.id, entry: 'first' });
    await call(userContracts.addHistory, { id: account.id, entry: 'second' });
    t.strictSame(await exportOf(account.id), {
      account,
      wxUserinfo: { city: '广州' },
      identities: [
        { kind: 'nickname', value: 'Ｅxported' },
        { kind: 'openid', value: 'oClaimed' },
        { kind: 'phone', value: '13377778888' },
        { kind: 'wechat', value: 'oExported' },
      ],
      hasPassword: true,
      avatar: { contentType: 'image/png', data: 'cGljdHVyZQ==' },
      searches: ['second', 'first'],
    });
  });

  t.test('of an account that has nothing says so', async (t) => {
    await create({ identities: [{ kind: 'nickname', value: 'SomebodyElse' }], passwordHash: 'hash' });
    const { account } = await create({ status: 'pending' });
    t.strictSame(await exportOf(account.id), {
      account,
      wxUserinfo: null,
      identities: [],
      hasPassword: false,
      avatar: null,
      searches: [],
    });
  });

  t.test('is refused for deleted and unknown accounts', async (t) => {
    const { id } = (await create()).account;
    await call(userContracts.setStatus, { id, status: 'deleted' });
    await t.rejects(exportOf(id), { code: 'account-unknown' });
    await t.rejects(exportOf(10_000_000), { code: 'account-unknown' });
  });
});
