import { userContracts } from '@vestibule/shared/contracts/user';
import { codeOf } from '@vestibule/shared/errors';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, openTables, startUserService } from './user-service.ts';

t.test('removing accounts', async (t) => {
  const parts = await testParts(t);
  const replicas = [await startUserService(t, parts), await startUserService(t, parts)];
  const { call, create } = caller(parts);
  const db = await openTables(parts);
  const removeAs = (callerId: number, id: number) =>
    caller(parts, callerId).call(userContracts.remove, { id });
  const remove = (id: number) => call(userContracts.remove, { id });
  const accessOf = (id: number) => call(userContracts.access, { id });
  const admin = async () => (await create({ role: 'admin' })).account.id;
  const first = await admin();

  t.test('deletes it and ends its sessions, whatever its status', async (t) => {
    for (const status of ['pending', 'active', 'frozen'] as const) {
      const { id } = (await create()).account;
      await call(userContracts.setStatus, { id, status });
      const { sessionEpoch, version } = await accessOf(id);
      t.strictSame(await removeAs(first, id), {});
      t.match(await accessOf(id), {
        status: 'deleted',
        sessionEpoch: sessionEpoch + 1,
        version: version + 1,
      });
      const lines = replicas.flatMap(({ log }) => log);
      t.match(
        lines.find(({ accountId, to }) => accountId === id && to === 'deleted'),
        { msg: 'status changed', from: status, requestId: 'a-request', callerId: first },
      );
    }
  });

  t.test('keeps its names from others', async (t) => {
    const identities = [{ kind: 'nickname', value: 'Removed' } as const];
    await remove((await create({ identities })).account.id);
    await t.rejects(create({ identities }), { code: 'identity-taken' });
  });

  t.test('finds nobody under an unknown id, and no deleted account a second time', async (t) => {
    const { id } = (await create()).account;
    await remove(id);
    const access = await accessOf(id);
    await t.rejects(remove(id), { code: 'account-unknown' });
    await t.rejects(remove(10_000_000), { code: 'account-unknown' });
    t.strictSame(await accessOf(id), access);
  });

  t.test('is nothing that anybody can do to themselves', async (t) => {
    const second = await admin();
    await t.rejects(removeAs(second, second), { code: 'not-allowed' });
    t.match(await accessOf(second), { status: 'active', version: 0 });
    t.strictSame(await removeAs(first, second), {}, 'another admin can');
    t.match(await accessOf(second), { role: 'admin', status: 'deleted', sessionEpoch: 1, version: 1 });
  });

  t.test('leaves the last active admin, whatever admins are frozen, pending or deleted', async (t) => {
    const frozen = (await create()).account.id;
    await call(userContracts.setStatus, { id: frozen, status: 'frozen' });
    await call(userContracts.setRole, { id: frozen, role: 'admin' });
    const pending = (await create({ role: 'admin', status: 'pending' })).account.id;
    await t.rejects(remove(first), { code: 'last-admin' });
    t.match(await accessOf(first), { role: 'admin', status: 'active', version: 0 });
    t.strictSame(await remove(frozen), {});
    t.strictSame(await remove(pending), {});
  });

  t.test('two admins who remove each other at the same time leave exactly one, 200 times', async (t) => {
    let left = first;
    for (let round = 0; round < 200; round += 1) {
      const other = await admin();
      const answers = await Promise.all([
        removeAs(left, other).then(() => 'removed', codeOf),
        removeAs(other, left).then(() => 'removed', codeOf),
      ]);
      t.strictSame([...answers].sort(), ['last-admin', 'removed'], `round ${round}`);
      const admins = await db
        .selectFrom('accounts')
        .select('id')
        .where('role', '=', 'admin')
        .where('status', '=', 'active')
        .execute();
      t.strictSame(admins, [{ id: answers[0] === 'removed' ? left : other }]);
      left = answers[0] === 'removed' ? left : other;
    }
  });

  t.test('ten admins who all remove each other leave exactly one', async (t) => {
    const standing = await db
      .selectFrom('accounts')
      .select('id')
      .where('role', '=', 'admin')
      .where('status', '=', 'active')
      .execute();
    const admins = standing.map(({ id }) => id);
    while (admins.length < 10) admins.push(await admin());
    const answers = await Promise.all(
      admins.flatMap((by) =>
        admins.filter((id) => id !== by).map((id) => removeAs(by, id).then(() => 'removed', codeOf)),
      ),
    );
    t.equal(answers.filter((answer) => answer === 'removed').length, 9);
    const statuses = await Promise.all(admins.map(async (id) => (await accessOf(id)).status));
    t.equal(statuses.filter((status) => status === 'active').length, 1);
  });
});
