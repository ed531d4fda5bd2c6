import { userContracts } from '@vestibule/shared/contracts/user';
import { codeOf } from '@vestibule/shared/errors';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, listen, startUserService, times } from './user-service.ts';

t.test('the refusal of new accounts', async (t) => {
  const parts = await testParts(t);
  const heard = await listen(t, parts);
  await startUserService(t, parts);
  await startUserService(t, parts);
  const { call, create } = caller(parts);
  const pending = async () => (await create({ status: 'pending' })).account.id;
  const reject = (id: number) => call(userContracts.reject, { id });
  const accessOf = (id: number) => call(userContracts.access, { id });

  t.test('freezes a pending account and ends its sessions', async (t) => {
    const id = await pending();
    t.strictSame(await reject(id), {});
    t.match(await accessOf(id), { status: 'frozen', sessionEpoch: 1, version: 1 });
  });

  t.test('drops the copy of its access before it answers', async (t) => {
    const id = await pending();
    const key = `access:${id}`;
    await parts.store.fill(key, 'the old copy', 0, 5000);
    await reject(id);
    t.equal(await parts.store.get(key), null);
  });

  t.test('of an account that does not wait for it changes nothing', async (t) => {
    for (const status of ['active', 'frozen'] as const) {
      const { id } = (await create()).account;
      await call(userContracts.setStatus, { id, status });
      const before = await accessOf(id);
      await t.rejects(reject(id), { code: 'account-not-pending' });
      t.strictSame(await accessOf(id), before);
    }
  });

  t.test('of an unknown or deleted account finds nobody', async (t) => {
    const id = await pending();
    await call(userContracts.setStatus, { id, status: 'deleted' });
    await t.rejects(reject(id), { code: 'account-unknown' });
    await t.rejects(reject(10_000_000), { code: 'account-unknown' });
  });

  t.test('that races with an audit: one of them happens, and is told once', async (t) => {
    const outcomes = await Promise.all(
      times(20, async (index) => {
        const id = await pending();
        const calls = [
          () => call(userContracts.audit, { id }).then(() => 'active', codeOf),
          () => reject(id).then(() => 'frozen', codeOf),
        ];
        if (index % 2 === 1) calls.reverse();
        const answers = await Promise.all(calls.map((ask) => ask()));
        return { id, answers: answers.sort() };
      }),
    );
    for (const { id, answers } of outcomes) {
      const { status, version } = await accessOf(id);
      t.strictSame(answers, ['account-not-pending', status].sort());
      t.ok(status === 'active' || status === 'frozen', status);
      t.equal(version, 1);
      await call(userContracts.remove, { id });
      t.match(
        (await heard.lifeOf(id)).slice(1).map(({ kind, data }) => ({ kind, data })),
        [
          { kind: 'account.status-changed', data: { from: 'pending', to: status } },
          { kind: 'account.status-changed', data: { from: status, to: 'deleted' } },
        ],
      );
    }
  });
});
