import type { Profile } from '@vestibule/shared/contracts/account';
import { userContracts } from '@vestibule/shared/contracts/user';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, startUserService } from './user-service.ts';

const texts = [
  `'; drop table accounts; --`,
  `" or "1"="1`,
  `\\'; select pg_sleep(10); --`,
  '$1 $$ %s ? :name',
  '{"$ne": null}',
  '<script>alert(1)</script>',
  '张三 😀 👩‍👩‍👧 مرحبا \u202e \ufeff \u0001',
  '  outer spaces  ',
  'tab\tnewline\ncarriage\r',
  'null',
  '\ufffd\uffff',
];
const fields = [
  'firstName',
  'lastName',
  'name',
  'phone',
  'address',
  'company',
  'email',
  'position',
  'qq',
  'cardno',
  'wxid',
] as const satisfies (keyof Profile)[];
const unstorable = ['a\0b', '\0', '\ud83d', 'x\ude00y'];

t.test('text of clients', async (t) => {
  const parts = await testParts(t);
  await startUserService(t, parts);
  const { call, create } = caller(parts);
  const { id } = (await create()).account;

  t.test('is kept and found as it is, whatever it looks like', async (t) => {
    for (const text of texts) {
      const profile = Object.fromEntries(fields.map((field) => [field, text]));
      const { account } = await create({ identities: [{ kind: 'nickname', value: text }], profile });
      t.equal(account.nickname, text);
      for (const field of fields) t.equal(account.profile[field], text);
      t.strictSame(await call(userContracts.get, { id: account.id }), account);
      const found = await call(userContracts.find, { kind: 'nickname', value: text });
      t.equal(found.account.id, account.id);
      const { ids } = await call(userContracts.search, {
        firstName: text,
        lastName: text,
        page: 1,
        perPage: 10,
      });
      t.strictSame(ids, [account.id]);
      const { entries } = await call(userContracts.addHistory, { id, entry: text });
      t.equal(entries[0], text);
    }
    t.strictSame((await call(userContracts.getHistory, { id })).entries, [...texts].reverse());
  });

  t.test('of 500 characters fits into each field, for names too', async (t) => {
    for (const text of ['x'.repeat(500), '漢'.repeat(500), 'İ'.repeat(500)]) {
      const profile = Object.fromEntries(fields.map((field) => [field, text]));
      t.match((await call(userContracts.updateProfile, { id, profile })).profile, profile);
    }
  });

  t.test('that Postgres cannot hold violates the contract and reaches no SQL', async (t) => {
    const violated = { code: 'contract-violated' };
    for (const text of unstorable) {
      for (const field of fields) {
        await t.rejects(call(userContracts.updateProfile, { id, profile: { [field]: text } }), violated);
        await t.rejects(create({ profile: { [field]: text } }), violated);
      }
      for (const kind of ['nickname', 'phone', 'wechat', 'openid'] as const) {
        await t.rejects(create({ identities: [{ kind, value: text }] }), violated);
        await t.rejects(call(userContracts.find, { kind, value: text }), violated);
        await t.rejects(call(userContracts.credentials, { login: { kind, value: text } }), violated);
      }
      await t.rejects(call(userContracts.updateProfile, { id, profile: {}, nickname: text }), violated);
      await t.rejects(call(userContracts.addHistory, { id, entry: text }), violated);
      await t.rejects(call(userContracts.search, { firstName: text, page: 1, perPage: 1 }), violated);
      await t.rejects(call(userContracts.search, { lastName: text, page: 1, perPage: 1 }), violated);
    }
  });
});
