import type { Identity } from '@vestibule/shared/contracts/account';
import { userContracts } from '@vestibule/shared/contracts/user';
import { codeOf } from '@vestibule/shared/errors';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { noProfile } from '@vestibule/shared/test/no-profile';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import { placesOf, storedText } from '@vestibule/shared/test/stored-text';
import t, { type Test } from 'tap';
import { createErasuresRepository } from '../src/erasures-repository.ts';
import { createIdentityDigest } from '../src/identity-digest.ts';
import { caller, changesWithoutRelay, listen, openTables, startUserService, times } from './user-service.ts';

const day = 86_400_000;

/** What an account can say of its owner, none of which anything else says; digits and letters alone. */
const told = {
  identities: [
    { kind: 'nickname', value: 'CanaryNick' },
    { kind: 'phone', value: '13399990001' },
    { kind: 'wechat', value: 'oCanaryProved' },
    { kind: 'openid', value: 'oCanaryClaimed' },
  ] satisfies Identity[],
  passwordHash: 'hash-of-canary',
  profile: {
    firstName: 'CanaryFirst',
    lastName: 'CanaryLast',
    name: 'CanaryName',
    phone: '13399990002',
    address: 'CanaryAddress',
    company: 'CanaryCompany',
    age: 77,
    email: 'canary@mail',
    position: 'CanaryPosition',
    qq: '9990003',
    cardno: '9990004',
    wxid: 'canary-wxid',
  },
  avatar: { contentType: 'image/png', data: Buffer.from('CanaryPicture').toString('base64') } as const,
  wxUserinfo: { nickName: 'CanaryWx' },
  unionid: 'canary-union',
};
const canaries = [
  ...told.identities.flatMap(({ value }) => [value, value.toLowerCase()]),
  told.passwordHash,
  ...Object.values(told.profile).flatMap((value) =>
    typeof value === 'string' ? [value, value.toLowerCase()] : [],
  ),
  'CanaryPicture',
  'CanaryWx',
  'canary-union',
  'CanarySearch',
];

/** A service whose looks are a second apart, on a clock that is moved. */
async function start(t: Test, { replicas = 1, environment = {} } = {}) {
  const clock = movableClock();
  const parts = await testParts(t, { clock });
  const started = await Promise.all(
    times(replicas, () => startUserService(t, parts, { UPKEEP_INTERVAL: '1', ...environment })),
  );
  const db = await openTables(parts);
  const { call, create } = caller(parts);
  const erased = async (): Promise<number[]> => {
    const rows = await db.selectFrom('accounts').select('id').where('erased_at', 'is not', null).execute();
    return rows.map(({ id }) => id);
  };
  return {
    clock,
    parts,
    db,
    call,
    create,
    erased,
    log: () => started.flatMap(({ log }) => log),
    heard: await listen(t, parts),
    remove: (id: number) => call(userContracts.setStatus, { id, status: 'deleted' }),
    gone: (id: number) => until(`${id} is erased`, async () => (await erased()).includes(id)),
  };
}

t.test('30 days after its deletion nothing is left of what an account said of its owner', async (t) => {
  const { clock, parts, call, create, remove, gone, heard, log } = await start(t);
  const { account } = await create(told);
  const { id } = account;
  const { id: other } = (await create({ profile: { name: 'Somebody' } })).account;
  await call(userContracts.addHistory, { id, entry: 'CanarySearch' });
  const before = await storedText(parts.database);
  for (const canary of canaries.filter((value) => /[A-Z]|^\d|hash|mail/.test(value))) {
    t.not(placesOf(canary, before).length, 0, `${canary} is there at first`);
  }
  const { id: early } = (await create()).account;
  await remove(early);
  clock.advance(day);
  await remove(id);
  clock.advance(30 * day - 1);
  await gone(early);
  t.match(await call(userContracts.get, { id }), { profile: told.profile }, 'until then it is all there');

  clock.advance(1);
  await gone(id);
  const after = await storedText(parts.database);
  for (const canary of canaries) t.strictSame(placesOf(canary, after), [], canary);
  t.strictSame(await call(userContracts.getWechatUser, { id }), {
    account: {
      ...account,
      status: 'deleted',
      nickname: '',
      profile: noProfile,
      modifiedAt: new Date(clock() - 30 * day).toISOString(),
    },
    wxUserinfo: null,
  });
  t.match(await call(userContracts.get, { id: other }), { profile: { name: 'Somebody' } });
  await until('it is told', () => heard.of(id).some(({ kind }) => kind === 'account.erased'));
  t.match(heard.of(id).at(-1), { data: { accountId: id }, actorId: null, requestId: /^erasure-/ });
  t.strictSame(
    log()
      .filter(({ msg }) => msg === 'account erased')
      .map(({ accountId }) => accountId),
    [early, id],
  );
});

t.test('identities stay reserved and are reached by nobody, before the erasure and after it', async (t) => {
  const { clock, call, create, remove, gone } = await start(t, { environment: { ERASE_AFTER_DAYS: '2' } });
  const { id } = (await create(told)).account;
  const { id: other } = (await create()).account;
  await remove(id);
  const reserved = async (when: string) => {
    for (const identity of told.identities) {
      const { kind } = identity;
      await t.rejects(create({ identities: [identity] }), { code: 'identity-taken' }, `${kind} ${when}`);
    }
    await t.rejects(create({ identities: [{ kind: 'nickname', value: 'ＣanaryＮick' }] }), {
      code: 'identity-taken',
    });
    await t.rejects(call(userContracts.updateProfile, { id: other, profile: {}, nickname: 'canarynick' }), {
      code: 'identity-taken',
    });
  };
  await reserved('before');
  clock.advance(2 * day);
  await gone(id);
  await reserved('after');
  for (const login of told.identities) {
    await t.rejects(call(userContracts.find, login), { code: 'account-unknown' });
    await t.rejects(call(userContracts.credentials, { login }), { code: 'account-unknown' });
  }
  t.match(await call(userContracts.credentials, { login: { id } }), { passwordHash: null });
  t.match(await create({ identities: [{ kind: 'phone', value: 'CanaryNick' }] }), {
    account: { role: 'normal' },
  });
});

t.test('a deleted account has no name for others, no history, and changes no more', async (t) => {
  const { call, create, remove } = await start(t);
  const { id } = (await create(told)).account;
  t.strictSame(await call(userContracts.names, { ids: [id] }), { names: [{ id, name: 'CanaryName' }] });
  await remove(id);
  t.strictSame(await call(userContracts.names, { ids: [id] }), { names: [] });
  await t.rejects(call(userContracts.addHistory, { id, entry: 'late' }), { code: 'account-unknown' });
  await t.rejects(call(userContracts.updateProfile, { id, profile: { name: 'late' } }), {
    code: 'account-unknown',
  });
});

t.test('with 0 days it is erased at the next look', async (t) => {
  const { create, remove, gone } = await start(t, { environment: { ERASE_AFTER_DAYS: '0' } });
  const { id } = (await create(told)).account;
  await remove(id);
  await gone(id);
});

t.test('three replicas erase 250 accounts once each, also such as were deleted without a date', async (t) => {
  const { clock, db, create, erased, heard } = await start(t, { replicas: 3 });
  const ids: number[] = [];
  for (let index = 0; index < 250; index += 1) {
    const identities: Identity[] = [{ kind: 'nickname', value: `Many${index}` }];
    ids.push((await create({ identities, passwordHash: 'hash' })).account.id);
  }
  await db.updateTable('accounts').set({ status: 'deleted' }).where('id', 'in', ids).execute();
  clock.advance(31 * day);
  await until('all are erased', async () => (await erased()).length === 250);
  await until('all are told', () => ids.every((id) => heard.of(id).length === 2));
  for (const id of ids) {
    t.strictSame(
      heard.of(id).map(({ kind }) => kind),
      ['account.created', 'account.erased'],
    );
  }
  const digests = await db.selectFrom('erased_identities').select('account_id').execute();
  t.strictSame(new Set(digests.map(({ account_id }) => account_id)), new Set(ids));
});

t.test('nobody gets an identity while its account is being erased, in 100 races', async (t) => {
  const { db, create, remove } = await start(t, { environment: { UPKEEP_INTERVAL: '3600' } });
  const repository = createErasuresRepository({
    change: changesWithoutRelay(db),
    digestOf: createIdentityDigest(),
  });
  const at = new Date(1_900_000_000_000);
  for (let round = 0; round < 100; round += 1) {
    const identities: Identity[] = [{ kind: 'nickname', value: `Raced${round}` }];
    const { id } = (await create({ identities })).account;
    await remove(id);
    const [erased, ...answers] = await Promise.all([
      repository.erase(at, 100, { at, source: { requestId: 'a-request' } }),
      ...times(3, () => create({ identities }).then(() => 'made', codeOf)),
    ]);
    t.strictSame({ erased, answers }, { erased: [id], answers: times(3, () => 'identity-taken') });
  }
});
