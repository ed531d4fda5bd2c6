import { authContracts } from '@vestibule/shared/contracts/auth';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { gateway, minute, openTables, startAuth, startUser } from './auth-service.ts';

t.test('the sessions of an account', async (t) => {
  const clock = movableClock(Date.parse('2026-11-21T08:00:00Z'));
  const parts = await testParts(t, { clock });
  await startUser(t, parts);
  await startAuth(t, parts, { environment: { SESSION_TTL: '3600' } });
  const { register, login, logout, call } = gateway(parts);
  const list = async (accountId: number) => (await call(authContracts.sessions, { accountId })).sessions;
  const { account, token } = await register('sara');

  t.test('come newest first, with their ends', async (t) => {
    await register('somebody else');
    clock.advance(minute);
    await login({ id: account.id });
    clock.advance(minute);
    await logout(token);
    t.strictSame(await list(account.id), [
      {
        createdAt: '2026-11-21T08:01:00.000Z',
        expiresAt: '2026-11-21T09:01:00.000Z',
        endedAt: null,
      },
      {
        createdAt: '2026-11-21T08:00:00.000Z',
        expiresAt: '2026-11-21T09:00:00.000Z',
        endedAt: '2026-11-21T08:02:00.000Z',
      },
    ]);
  });

  t.test('of an unknown account are none', async (t) => {
    t.strictSame(await list(99_999_999), []);
  });

  t.test('are 1,000 at most', async (t) => {
    const tables = await openTables(parts);
    const rows = Array.from({ length: 1001 }, (_, n) => ({
      id: `session of a test ${n}`,
      account_id: account.id,
      openid: null,
      session_epoch: 0,
      created_at: new Date(clock() + n),
      expires_at: new Date(clock() + 60 * minute),
    }));
    await tables.insertInto('sessions').values(rows).execute();
    const sessions = await list(account.id);
    t.equal(sessions.length, 1000);
    t.equal(sessions[0]?.createdAt, '2026-11-21T08:02:01.000Z');
    t.equal(sessions[999]?.createdAt, '2026-11-21T08:02:00.001Z');
  });
});
