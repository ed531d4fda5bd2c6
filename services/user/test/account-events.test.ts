import type { CallContext } from '@vestibule/shared/call-context';
import type { DomainEvent } from '@vestibule/shared/contracts/event';
import { userContracts } from '@vestibule/shared/contracts/user';
import { AppError } from '@vestibule/shared/errors';
import type { Parts } from '@vestibule/shared/parts';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { caller, changesWithoutRelay, listen, openTables, startUserService } from './user-service.ts';

const summary = ({ kind, data }: DomainEvent) => ({ kind, data });

/** Parts on which nothing can be published. */
const unpublishing = (parts: Parts): Parts => ({
  ...parts,
  events: {
    ...parts.events,
    publish: async () => {
      throw new AppError('unavailable');
    },
  },
});

t.test('every change of an account is told', async (t) => {
  const parts = await testParts(t, { clock: () => Date.parse('2026-11-21T08:00:00.123Z') });
  const heard = await listen(t, parts);
  await startUserService(t, parts);
  const { call, create } = caller(parts);
  const remove = (id: number) => call(userContracts.remove, { id });
  const end = (from: string, id: number) => ({
    kind: 'account.status-changed',
    data: { accountId: id, from, to: 'deleted' },
  });

  t.test('once each, in their order, with its kind and what it became', async (t) => {
    const { id } = (await create({ status: 'pending', passwordHash: 'hash-0' })).account;
    await call(userContracts.audit, { id });
    await call(userContracts.setRole, { id, role: 'donor' });
    await call(userContracts.setPassword, { id, expectedHash: 'hash-0', passwordHash: 'hash-1' });
    await call(userContracts.updateProfile, { id, profile: { name: 'A', qq: '1' }, nickname: 'ToldOf' });
    await call(userContracts.updateWechatUser, {
      id,
      profile: { name: 'B' },
      wxUserinfo: { city: 'C' },
      unionid: 'u-told',
    });
    await call(userContracts.setStatus, { id, status: 'frozen' });
    await remove(id);
    t.strictSame((await heard.lifeOf(id)).map(summary), [
      { kind: 'account.created', data: { accountId: id, role: 'normal', status: 'pending' } },
      { kind: 'account.status-changed', data: { accountId: id, from: 'pending', to: 'active' } },
      { kind: 'account.role-changed', data: { accountId: id, from: 'normal', to: 'donor' } },
      { kind: 'account.password-changed', data: { accountId: id } },
      { kind: 'account.profile-changed', data: { accountId: id, fields: ['name', 'qq', 'nickname'] } },
      { kind: 'account.profile-changed', data: { accountId: id, fields: ['name', 'wxUserinfo', 'unionid'] } },
      { kind: 'account.status-changed', data: { accountId: id, from: 'active', to: 'frozen' } },
      end('frozen', id),
    ]);
  });

  t.test('and a refusal like an audit', async (t) => {
    const { id } = (await create({ status: 'pending' })).account;
    await call(userContracts.reject, { id });
    await remove(id);
    t.strictSame((await heard.lifeOf(id)).slice(1).map(summary), [
      { kind: 'account.status-changed', data: { accountId: id, from: 'pending', to: 'frozen' } },
      end('frozen', id),
    ]);
  });

  t.test('what changes nothing is not', async (t) => {
    const { id } = (
      await create({
        identities: [{ kind: 'nickname', value: 'Quiet' }],
        passwordHash: 'hash-0',
        profile: { name: 'A', age: 30 },
        wxUserinfo: { city: 'C', at: [1] },
        unionid: 'u-quiet',
      })
    ).account;
    await call(userContracts.setRole, { id, role: 'normal' });
    await call(userContracts.setStatus, { id, status: 'active' });
    await call(userContracts.updateProfile, {
      id,
      profile: { name: 'A', age: 30, qq: '' },
      nickname: 'Quiet',
    });
    await call(userContracts.updateProfile, { id, profile: {} });
    await call(userContracts.updateWechatUser, {
      id,
      profile: { name: 'A' },
      wxUserinfo: { at: [1], city: 'C' },
      unionid: 'u-quiet',
    });
    await call(userContracts.updateWechatUser, { id, profile: {}, wxUserinfo: { city: 'old' }, takenAt: 1 });
    const password = { id, expectedHash: 'wrong', passwordHash: 'hash-1' };
    await t.rejects(call(userContracts.setPassword, password), { code: 'credentials-wrong' });
    await t.rejects(call(userContracts.audit, { id }), { code: 'account-not-pending' });
    await call(userContracts.addHistory, { id, entry: 'a search' });
    await remove(id);
    t.strictSame((await heard.lifeOf(id)).slice(1).map(summary), [end('active', id)]);
  });

  t.test('with the request, the caller, the address and the time of its call', async (t) => {
    const context: CallContext = {
      requestId: 'of-the-create',
      deadline: parts.clock() + 60_000,
      caller: { accountId: 12_345_678, role: 'admin', status: 'active' },
      address: '2001:db8::',
    };
    const { account } = await parts.bus.call(
      userContracts.create,
      { identities: [], passwordHash: null, role: 'normal', status: 'active', profile: {} },
      context,
    );
    const { id } = account;
    const { caller: _, address: __, ...platform } = { ...context, requestId: 'first-admin' };
    await parts.bus.call(userContracts.setRole, { id, role: 'repair' }, platform);
    await remove(id);
    const told = await heard.lifeOf(id);
    const at = '2026-11-21T08:00:00.123Z';
    t.match(told, [
      { requestId: 'of-the-create', actorId: 12_345_678, address: '2001:db8::', at },
      { requestId: 'first-admin', actorId: null, address: null, at },
      { requestId: 'a-request', actorId: 10_000_001, address: null, at },
    ]);
    t.equal(new Set(told.map((event) => event.id)).size, 3);
  });

  t.test('without what was written: no login, no name, no hash', async (t) => {
    const { id } = (
      await create({
        identities: [
          { kind: 'wechat', value: 'o-canary' },
          { kind: 'phone', value: '13312344321' },
          { kind: 'nickname', value: 'canary-nick' },
        ],
        passwordHash: 'canary-hash',
        profile: { name: 'canary-name' },
        wxUserinfo: { nickName: 'canary-wx' },
        unionid: 'u-canary',
      })
    ).account;
    await call(userContracts.updateProfile, { id, profile: { email: 'canary@x' }, nickname: 'canary-2' });
    await remove(id);
    const text = JSON.stringify(await heard.lifeOf(id));
    t.match(text, /account\.profile-changed/);
    t.notMatch(text, /canary|13312344321/);
  });
});

t.test('an event is committed with its change', async (t) => {
  const parts = await testParts(t);
  const db = await openTables(parts);
  const keys = async () => {
    const rows = await db.selectFrom('outbox').select('key').orderBy('number').execute();
    return rows.map(({ key }) => key);
  };
  const { call, create } = caller(parts);
  const crashing = await startUserService(t, unpublishing(parts));
  const identities = [{ kind: 'phone', value: '13300001111' }] as const;

  const { id } = (await create({ identities: [...identities] })).account;
  t.strictSame(await keys(), [`account:${id}`], 'it waits while nothing can be published');

  await t.rejects(create({ identities: [...identities] }), { code: 'identity-taken' });
  await call(userContracts.setRole, { id, role: 'donor' });
  await t.rejects(call(userContracts.audit, { id }), { code: 'account-not-pending' });
  t.strictSame(await keys(), [`account:${id}`, `account:${id}`], 'what was rolled back left none');

  const change = changesWithoutRelay(db);
  const failing = change({ source: { requestId: 'a-request' } }, async (_tx, tell) => {
    await tell([{ kind: 'account.password-changed', key: `account:${id}`, data: { accountId: id } }]);
    throw new Error('after it was told');
  });
  await t.rejects(failing, { message: 'after it was told' });
  t.strictSame(await keys(), [`account:${id}`, `account:${id}`], 'nor what failed after it was told');

  await crashing.close();
  t.strictSame(await keys(), [`account:${id}`, `account:${id}`], 'it outlives the process');
  const heard = await listen(t, parts);
  await startUserService(t, parts);
  await until('both are told', () => heard.of(id).length === 2);
  await until('none waits any more', async () => (await keys()).length === 0);
  t.strictSame(heard.of(id).map(summary), [
    { kind: 'account.created', data: { accountId: id, role: 'normal', status: 'active' } },
    { kind: 'account.role-changed', data: { accountId: id, from: 'normal', to: 'donor' } },
  ]);
});
