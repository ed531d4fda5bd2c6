import { userContracts } from '@vestibule/shared/contracts/user';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, openTables, startUserService } from './user-service.ts';

t.test('role, status and password', async (t) => {
  let now = Date.parse('2026-11-21T08:00:00Z');
  const parts = await testParts(t, { clock: () => now });
  const { log } = await startUserService(t, parts);
  const { call, create } = caller(parts);
  const db = await openTables(parts);
  const accessOf = (id: number) => call(userContracts.access, { id });
  const changesOf = (id: number) =>
    log.filter(({ accountId, msg }) => accountId === id && msg.endsWith(' changed'));

  t.test('freezing, thawing, deleting: each is a version, and what ends sessions an epoch', async (t) => {
    const { id } = (await create({ status: 'pending' })).account;
    const steps = [
      { status: 'active', sessionEpoch: 0, version: 1 },
      { status: 'active', sessionEpoch: 0, version: 1 },
      { status: 'frozen', sessionEpoch: 1, version: 2 },
      { status: 'frozen', sessionEpoch: 1, version: 2 },
      { status: 'active', sessionEpoch: 1, version: 3 },
      { status: 'pending', sessionEpoch: 1, version: 4 },
      { status: 'frozen', sessionEpoch: 2, version: 5 },
      { status: 'deleted', sessionEpoch: 3, version: 6 },
    ] as const;
    for (const step of steps) {
      t.strictSame(await call(userContracts.setStatus, { id, status: step.status }), {});
      t.strictSame(await accessOf(id), { accountId: id, role: 'normal', ...step });
    }
    t.match(
      changesOf(id).map(({ msg, from, to, requestId, callerId }) => ({ msg, from, to, requestId, callerId })),
      [
        {
          msg: 'status changed',
          from: 'pending',
          to: 'active',
          requestId: 'a-request',
          callerId: 10_000_001,
        },
        { from: 'active', to: 'frozen' },
        { from: 'frozen', to: 'active' },
        { from: 'active', to: 'pending' },
        { from: 'pending', to: 'frozen' },
        { from: 'frozen', to: 'deleted' },
      ],
    );
  });

  t.test('a role is a version and no epoch, and the same role again nothing', async (t) => {
    const { id } = (await create()).account;
    const steps = [
      { role: 'normal', version: 0 },
      { role: 'repair', version: 1 },
      { role: 'repair', version: 1 },
      { role: 'volunteer', version: 2 },
      { role: 'admin', version: 3 },
    ] as const;
    for (const step of steps) {
      t.strictSame(await call(userContracts.setRole, { id, role: step.role }), {});
      t.strictSame(await accessOf(id), { accountId: id, status: 'active', sessionEpoch: 0, ...step });
    }
    t.equal(changesOf(id).length, 3);
  });

  t.test('no role and no status of an admin can be changed', async (t) => {
    const { id } = (await create({ role: 'admin' })).account;
    await t.rejects(call(userContracts.setRole, { id, role: 'normal' }), { code: 'account-is-admin' });
    await t.rejects(call(userContracts.setRole, { id, role: 'admin' }), { code: 'account-is-admin' });
    await t.rejects(call(userContracts.setStatus, { id, status: 'frozen' }), { code: 'account-is-admin' });
    await t.rejects(call(userContracts.setStatus, { id, status: 'active' }), { code: 'account-is-admin' });
    t.match(await accessOf(id), { role: 'admin', status: 'active', version: 0 });
  });

  t.test('unknown and deleted accounts are unknown', async (t) => {
    const { id } = (await create()).account;
    await call(userContracts.setStatus, { id, status: 'deleted' });
    for (const target of [id, 10_000_000]) {
      await t.rejects(call(userContracts.setRole, { id: target, role: 'donor' }), {
        code: 'account-unknown',
      });
      for (const status of ['active', 'deleted'] as const) {
        await t.rejects(call(userContracts.setStatus, { id: target, status }), { code: 'account-unknown' });
      }
    }
    t.match(await accessOf(id), { role: 'normal', status: 'deleted', version: 1 });
    await t.rejects(accessOf(10_000_000), { code: 'account-unknown' });
  });

  t.test('a password is replaced only while the expected hash is the stored one', async (t) => {
    const { id } = (await create({ passwordHash: 'hash-1' })).account;
    const set = (expectedHash: string, passwordHash: string) =>
      call(userContracts.setPassword, { id, expectedHash, passwordHash });
    const hash = async () => (await call(userContracts.credentials, { login: { id } })).passwordHash;

    await t.rejects(set('hash-0', 'hash-x'), { code: 'credentials-wrong' });
    t.equal(await hash(), 'hash-1');
    t.match(await accessOf(id), { sessionEpoch: 0, version: 0 });

    now += 1000;
    t.strictSame(await set('hash-1', 'hash-2'), {});
    t.equal(await hash(), 'hash-2');
    t.match(await accessOf(id), { sessionEpoch: 1, version: 1 });
    const { changed_at } = await db
      .selectFrom('passwords')
      .select('changed_at')
      .where('account_id', '=', id)
      .executeTakeFirstOrThrow();
    t.equal(changed_at.toISOString(), '2026-11-21T08:00:01.000Z');

    await t.rejects(set('hash-1', 'hash-3'), { code: 'credentials-wrong' });
    t.equal(await hash(), 'hash-2');
    t.match(await accessOf(id), { sessionEpoch: 1, version: 1 });
    t.match(changesOf(id), [{ msg: 'password changed', requestId: 'a-request', callerId: 10_000_001 }]);
    t.notMatch(JSON.stringify(log), /hash-[0-9x]/);
  });

  t.test('a password for nobody, or where there is none, changes nothing', async (t) => {
    await t.rejects(
      call(userContracts.setPassword, { id: 10_000_000, expectedHash: 'a', passwordHash: 'b' }),
      { code: 'account-unknown' },
    );
    const { id } = (await create()).account;
    await t.rejects(call(userContracts.setPassword, { id, expectedHash: '', passwordHash: 'b' }), {
      code: 'credentials-wrong',
    });
    t.match(await accessOf(id), { sessionEpoch: 0, version: 0 });
  });
});
