import type { Bus } from '@vestibule/shared/bus/bus';
import type { CallContext } from '@vestibule/shared/call-context';
import type { AccountStatus } from '@vestibule/shared/contracts/account';
import { userContracts } from '@vestibule/shared/contracts/user';
import { AppError, codeOf, type ErrorCode } from '@vestibule/shared/errors';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { startUserService } from '../../user/test/user-service.ts';
import { createAccountActions } from '../src/account-actions.ts';
import type { WaitingAction } from '../src/actions-repository.ts';
import type { AccountAction } from '../src/definition.ts';
import { person } from './process-service.ts';

const action = (name: AccountAction, accountId: number, actorId: number | null): WaitingAction => ({
  id: 1,
  instance_id: 1,
  step: 'a_step',
  action: name,
  account_id: accountId,
  actor_id: actorId,
  attempts: 1,
  next_attempt_at: new Date(0),
  process_name: 'account_review',
  version: 1,
});

t.test('what actions do to accounts, asked of the user service', async (t) => {
  const parts = await testParts(t);
  await startUserService(t, parts);
  const context = () => ({ requestId: 'an-action', deadline: parts.clock() + 60_000 });
  const admin = await person(parts, { role: 'admin' });
  const { perform } = createAccountActions({ bus: parts.bus });
  const does = async (name: AccountAction, accountId: number, actorId: number | null = admin.id) =>
    perform(action(name, accountId, actorId), context());
  const become = (id: number, status: AccountStatus) => admin.call(userContracts.setStatus, { id, status });
  const statusOf = async (id: number) => (await admin.call(userContracts.get, { id })).status;

  for (const [name, status] of [
    ['audit-account', 'active'],
    ['reject-account', 'frozen'],
    ['remove-account', 'deleted'],
  ] as const) {
    t.test(`${name} makes an account ${status}, and is done already when it is repeated`, async (t) => {
      const { id } = await person(parts, { status: 'pending' });
      t.strictSame(await does(name, id), { result: 'done' });
      t.equal(await statusOf(id), status);
      t.strictSame(await does(name, id), { result: 'done' });
      t.equal(await statusOf(id), status);
    });
  }

  t.test('what comes too late is refused, with the status that stands in its way', async (t) => {
    const { id } = await person(parts, { status: 'pending' });
    await become(id, 'frozen');
    const late = { result: 'refused', code: 'account-not-pending', status: 'frozen' };
    t.strictSame(await does('audit-account', id), late);
    await become(id, 'deleted');
    const gone = { result: 'refused', code: 'account-unknown', status: 'deleted' };
    t.strictSame(await does('audit-account', id), gone);
    t.strictSame(await does('reject-account', id), gone);
  });

  t.test('an account that is not there is refused', async (t) => {
    const nobody = { result: 'refused', code: 'account-unknown', status: null };
    for (const name of ['audit-account', 'reject-account', 'remove-account'] as const) {
      t.strictSame(await does(name, 10_000_000), nobody);
    }
  });

  t.test("nobody has his own account deleted, nor the last admin's", async (t) => {
    const own = { result: 'refused', code: 'not-allowed', status: 'active' };
    t.strictSame(await does('remove-account', admin.id), own);
    const last = { result: 'refused', code: 'last-admin', status: 'active' };
    t.strictSame(await does('remove-account', admin.id, null), last);
    t.equal(await statusOf(admin.id), 'active');
  });
});

t.test('it is asked in the name of who completed the task, as an admin', async (t) => {
  const asked: { subject: string; context: CallContext }[] = [];
  const bus: Pick<Bus, 'call'> = {
    call: async ({ subject }, _input, context) => {
      asked.push({ subject, context });
      return {};
    },
  };
  const { perform } = createAccountActions({ bus });
  await perform(action('remove-account', 10_000_001, 10_000_002), { requestId: 'a-look', deadline: 7 });
  await perform(action('remove-account', 10_000_001, null), { requestId: 'a-look', deadline: 7 });
  t.strictSame(asked, [
    {
      subject: 'user.remove',
      context: {
        requestId: 'a-look',
        deadline: 7,
        caller: { accountId: 10_000_002, role: 'admin', status: 'active' },
      },
    },
    { subject: 'user.remove', context: { requestId: 'a-look', deadline: 7 } },
  ]);
});

t.test('whatever may pass is a failure, to be tried again', async (t) => {
  const passing: ErrorCode[] = ['unavailable', 'deadline-passed', 'database-unavailable', 'internal', 'busy'];
  for (const code of passing) {
    const bus: Pick<Bus, 'call'> = {
      call: async () => {
        throw new AppError(code);
      },
    };
    const { perform } = createAccountActions({ bus });
    const tried = perform(action('audit-account', 10_000_001, null), { requestId: 'a-look', deadline: 7 });
    t.equal(await tried.then(() => 'done', codeOf), code);
  }
});
