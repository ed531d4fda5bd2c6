import { userContracts } from '@vestibule/shared/contracts/user';
import { codeOf } from '@vestibule/shared/errors';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, startUserService, times } from './user-service.ts';

t.test('the audit of new accounts', async (t) => {
  const parts = await testParts(t);
  const { log } = await startUserService(t, parts);
  const { call, create } = caller(parts);
  const audit = (id: number) => call(userContracts.audit, { id });
  const accessOf = (id: number) => call(userContracts.access, { id });

  t.test('makes a pending account active, and ends no session', async (t) => {
    const { id } = (await create({ status: 'pending' })).account;
    t.strictSame(await audit(id), {});
    t.match(await accessOf(id), { status: 'active', sessionEpoch: 0, version: 1 });
    t.match(
      log.filter(({ accountId, msg }) => accountId === id && msg === 'status changed'),
      [{ from: 'pending', to: 'active', requestId: 'a-request', callerId: 10_000_001 }],
    );
  });

  t.test('of an account that does not wait for it changes nothing', async (t) => {
    for (const status of ['active', 'frozen'] as const) {
      const { id } = (await create()).account;
      await call(userContracts.setStatus, { id, status });
      const before = await accessOf(id);
      await t.rejects(audit(id), { code: 'account-not-pending' });
      t.strictSame(await accessOf(id), before);
    }
  });

  t.test('of an unknown or deleted account finds nobody', async (t) => {
    const { id } = (await create({ status: 'pending' })).account;
    await call(userContracts.setStatus, { id, status: 'deleted' });
    await t.rejects(audit(id), { code: 'account-unknown' });
    await t.rejects(audit(10_000_000), { code: 'account-unknown' });
    t.match(await accessOf(id), { status: 'deleted' });
  });

  t.test('asked for 20 times at once happens once', async (t) => {
    const { id } = (await create({ status: 'pending' })).account;
    const answers = await Promise.all(times(20, () => audit(id).then(() => 'audited', codeOf)));
    t.equal(answers.filter((answer) => answer === 'audited').length, 1);
    t.equal(answers.filter((answer) => answer === 'account-not-pending').length, 19);
    t.match(await accessOf(id), { status: 'active', version: 1 });
  });
});
