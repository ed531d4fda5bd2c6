import { authContracts } from '@vestibule/shared/contracts/auth';
import { codeOf } from '@vestibule/shared/errors';
import type { Parts } from '@vestibule/shared/parts';
import { sessionCopies } from '@vestibule/shared/session-copies';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';
import { claimsOf, type Gateway, gateway, openTables, startAuth, startUser } from './auth-service.ts';
import { startWeChatStub, wechatSettings } from './wechat-stub.ts';

/** Auth and user, and tokens of proved openids as the openid document binds its operations to them. */
async function platform(t: Test, change: (parts: Parts) => Parts = (parts) => parts) {
  const stub = await startWeChatStub(t);
  const clock = movableClock();
  const parts = change(await testParts(t, { clock }));
  await startUser(t, parts);
  await startAuth(t, parts, { environment: { ...wechatSettings(stub), OUTBOX_POLL_MS: '20' } });
  const calls = gateway(parts);
  const copies = sessionCopies(parts);
  let issued = 0;
  async function tokenOf(openid: string): Promise<string> {
    issued += 1;
    const code = stub.issue(`code ${issued}`, { openid, session_key: 'tiihtNczf5v6AKRyjwEUhQ==' });
    return (await calls.call(authContracts.exchangeCode, { code, bind: true })).token ?? '';
  }
  const register = async (openid: string) =>
    (
      await calls.call(authContracts.loginByOpenid, {
        openid: { kind: 'wechat', value: openid },
        profile: {},
      })
    ).account.id;

  /** As the gateway decides: by the copies, and by auth where one is missing. */
  async function seen(token: string): Promise<string> {
    const copied = await copies.read(claimsOf(token).sid, null);
    const verdict = copied === 'unknown' ? await calls.verify(token).catch(codeOf) : copied;
    if (typeof verdict === 'string') return verdict === 'session-dead' ? 'dead' : verdict;
    return verdict.account === null ? 'alive' : 'an account';
  }
  return { ...calls, parts, clock, copies, tokenOf, register, seen };
}

const endings: Record<string, (calls: Pick<Gateway, 'setStatus'>, id: number) => Promise<unknown>> = {
  freezing: ({ setStatus }, id) => setStatus(id, 'frozen'),
  deleting: ({ setStatus }, id) => setStatus(id, 'deleted'),
};

for (const [ending, end] of Object.entries(endings)) {
  t.test(`${ending} the account of an openid ends the sessions of the openid, copies or none`, async (t) => {
    const { tokenOf, register, seen, copies, ...calls } = await platform(t);
    const before = await tokenOf('o-sara');
    t.equal(await seen(before), 'alive', 'an openid without an account');
    const id = await register('o-sara');
    const after = await tokenOf('o-sara');
    const other = await tokenOf('o-ann');
    for (const token of [before, after, other]) t.equal(await seen(token), 'alive');
    t.match(await copies.read(claimsOf(before).sid, null), { account: null }, 'there are copies');

    await end(calls, id);
    t.equal(await seen(before), 'dead');
    t.equal(await seen(after), 'dead');
    t.equal(await seen(after), 'dead', 'also once the copies are new');
    t.equal(await seen(other), 'alive');
  });
}

t.test('the session of an openid stays dead when its account is unfrozen', async (t) => {
  const { tokenOf, register, seen, setStatus } = await platform(t);
  const before = await tokenOf('o-sara');
  const id = await register('o-sara');
  const after = await tokenOf('o-sara');
  await setStatus(id, 'frozen');
  const meanwhile = await tokenOf('o-sara');
  t.equal(await seen(meanwhile), 'alive', 'so that its user is told of the freeze');
  await setStatus(id, 'active');
  t.equal(await seen(before), 'dead');
  t.equal(await seen(after), 'dead');
  t.equal(await seen(meanwhile), 'alive');
  const later = await tokenOf('o-sara');
  await setStatus(id, 'frozen');
  for (const token of [meanwhile, later]) t.equal(await seen(token), 'dead');
  await setStatus(id, 'active');
  for (const token of [before, after, meanwhile, later]) t.equal(await seen(token), 'dead');
});

t.test('an account that is made and frozen within the life of a copy ends the session', async (t) => {
  const { tokenOf, register, seen, setStatus } = await platform(t);
  const token = await tokenOf('o-sara');
  t.equal(await seen(token), 'alive');
  await setStatus(await register('o-sara'), 'frozen');
  t.equal(await seen(token), 'dead');
});

t.test('a session that races with a freeze of its openid’s account is dead from the start', async (t) => {
  let between = async () => {};
  const { tokenOf, register, seen, setStatus } = await platform(t, (parts) => ({
    ...parts,
    bus: {
      ...parts.bus,
      async call(contract, input, context) {
        const reply = await parts.bus.call(contract, input, context);
        if (contract.subject === 'user.find') await between();
        return reply;
      },
    },
  }));
  const id = await register('o-sara');
  between = async () => {
    between = async () => {};
    await setStatus(id, 'frozen');
    await setStatus(id, 'active');
  };
  t.equal(await seen(await tokenOf('o-sara')), 'dead');
});

t.test('the session of an account that has been erased stays dead', async (t) => {
  const { tokenOf, register, seen, setStatus, parts } = await platform(t);
  const id = await register('o-sara');
  await setStatus(id, 'frozen');
  await setStatus(id, 'active');
  const token = await tokenOf('o-sara');
  t.equal(await seen(token), 'alive');
  const users = await parts.database.open<{ identities: { account_id: number } }>({
    schema: 'users',
    migrations: {},
  });
  await users.deleteFrom('identities').where('account_id', '=', id).execute();
  await t.rejects(gateway(parts).verify(token), { code: 'session-dead' });
});

t.test('sessions of an openid that has an account are told of, opened and ended, under that', async (t) => {
  const { tokenOf, register, logout, call, parts, seen } = await platform(t);
  const strangers = await tokenOf('o-sara');
  const id = await register('o-sara');
  const token = await tokenOf('o-sara');
  await logout(strangers);
  await logout(token);
  t.equal(await seen(token), 'dead');
  const lines = async () =>
    (await call(authContracts.auditLog, { account: id, page: 1, perPage: 100 })).entries;
  await until('three sessions are logged', async () => (await lines()).length >= 4);
  t.strictSame((await lines()).map(({ action, details }) => [action, details.way]).sort(), [
    ['account.created', undefined],
    ['session.ended', undefined],
    ['session.ended', undefined],
    ['session.opened', 'openid'],
  ]);
  const rows = await (await openTables(parts)).selectFrom('sessions').select('account_id').execute();
  t.same(rows, [{ account_id: null }, { account_id: null }], 'no rights of the account come with it');
});
