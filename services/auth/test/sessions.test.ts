import { authContracts } from '@vestibule/shared/contracts/auth';
import { userContracts } from '@vestibule/shared/contracts/user';
import { AppError } from '@vestibule/shared/errors';
import type { Parts } from '@vestibule/shared/parts';
import { sessionCopies } from '@vestibule/shared/session-copies';
import type { Store } from '@vestibule/shared/store/store';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';
import { admin, claimsOf, gateway, openTables, startAuth, startUser } from './auth-service.ts';
import { quickEngine } from './quick-engine.ts';

const dead = { code: 'session-dead' };

async function platform(t: Test, change: (parts: Parts) => Parts = (parts) => parts) {
  const clock = movableClock();
  const parts = change(await testParts(t, { clock }));
  const engine = quickEngine();
  const log: string[] = [];
  await startUser(t, parts);
  const auth = await startAuth(t, parts, { engine, log, environment: { UPKEEP_INTERVAL: '3600' } });
  const calls = gateway(parts);
  const copies = sessionCopies(parts);

  /** As the gateway decides: by the copies, and by auth where one is missing. */
  async function seen(token: string) {
    const { sid, sub } = claimsOf(token);
    const verdict = await copies.read(sid, sub === undefined ? null : Number(sub));
    if (verdict !== 'unknown') return verdict;
    return calls.verify(token).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'session-dead') return 'dead' as const;
      throw error;
    });
  }
  return { ...calls, parts, clock, engine, log, auth, copies, seen };
}

t.test('what ends sessions', async (t) => {
  const { register, login, logout, setStatus, changePassword, call, copies, seen } = await platform(t);

  const endings = {
    'freezing its account': (id: number) => setStatus(id, 'frozen'),
    'deleting its account': (id: number) => setStatus(id, 'deleted'),
    'changing its password': (id: number) => changePassword(id, 'another one'),
    'logging out': (_id: number, token: string) => logout(token),
  };
  for (const [ending, end] of Object.entries(endings)) {
    t.test(`${ending} ends a session for every call after the answer, copies or none`, async (t) => {
      const { account, token } = await register(ending);
      t.match(await seen(token), { account: { id: account.id } });
      t.match(await copies.read(claimsOf(token).sid, account.id), { account: { id: account.id } });
      await end(account.id, token);
      t.equal(await seen(token), 'dead');
      t.equal(await seen(token), 'dead', 'also once the copies are new');
    });
  }

  t.test('a session stays dead when its account is unfrozen', async (t) => {
    const { account, token } = await register('unfrozen');
    await setStatus(account.id, 'frozen');
    await setStatus(account.id, 'active');
    t.equal(await seen(token), 'dead');
    t.match(await seen((await login({ id: account.id })).token), { account: { status: 'active' } });
  });

  t.test('logging out ends one session, not the others of the account', async (t) => {
    const { account, token } = await register('two sessions');
    const { token: other } = await login({ id: account.id });
    t.strictSame(await logout(token), {});
    t.equal(await seen(token), 'dead');
    t.match(await seen(other), { account: { id: account.id } });
    t.strictSame(await logout(token), {}, 'twice is once');
  });

  t.test('a changed role, or an audit, counts from the next call on', async (t) => {
    const { account, token } = await register('promoted', { status: 'pending' });
    t.match(await seen(token), { account: { role: 'normal', status: 'pending' } });
    await call(userContracts.setRole, { id: account.id, role: 'volunteer' }, admin);
    await setStatus(account.id, 'active');
    t.match(await seen(token), { account: { role: 'volunteer', status: 'active' } });
  });

  t.test('an unknown session is dead, and ending it is no error', async (t) => {
    const sessionId = 'no-such-session-id';
    await t.rejects(call(authContracts.verifySession, { sessionId }), dead);
    t.strictSame(await call(authContracts.logout, { sessionId }), {});
  });
});

t.test('a session expires, and its row goes with the next upkeep', async (t) => {
  const { register, verify, seen, clock, parts, auth } = await platform(t);
  const { token } = await register('expires');
  const { iat, exp } = claimsOf(token);
  t.equal(exp - iat, 604_800);
  clock.advance(604_799_000);
  await verify(token);
  clock.advance(1000);
  await t.rejects(verify(token), dead);

  const tables = await openTables(parts);
  const count = async () => (await tables.selectFrom('sessions').select('id').execute()).length;
  const { token: later } = await register('is alive');
  t.equal(await count(), 2);
  await auth.close();
  await startAuth(t, parts, { environment: { UPKEEP_INTERVAL: '1' } });
  await t.resolves(until('the expired session is removed', async () => (await count()) === 1));
  t.match(await seen(later), { account: { status: 'active' } });
});

t.test('a login that races with what ends sessions', async (t) => {
  const { register, login, setStatus, changePassword, engine, seen } = await platform(t);
  const races = {
    'a freeze': async (id: number) => {
      await setStatus(id, 'frozen');
      await setStatus(id, 'active');
    },
    'a change of the password': (id: number) => changePassword(id, 'another one'),
  };
  for (const [race, end] of Object.entries(races)) {
    t.test(`is dead from the start when ${race} comes between its reading and its writing`, async (t) => {
      const { account } = await register(race);
      engine.before = async () => {
        engine.before = async () => {};
        await end(account.id);
      };
      const { token } = await login({ id: account.id });
      t.equal(await seen(token), 'dead');
    });
  }
});

t.test('a copy that was filled late does not bring an ended session back', async (t) => {
  let fillsMayGo = () => {};
  let held: Promise<unknown> = Promise.resolve();
  const { register, verify, logout, seen, copies } = await platform(t, (parts) => ({
    ...parts,
    store: {
      ...parts.store,
      fill(...fill: Parameters<Store['fill']>) {
        if (!fill[0].startsWith('session:')) return parts.store.fill(...fill);
        const gate = new Promise<void>((resolve) => {
          fillsMayGo = resolve;
        });
        const filled = gate.then(() => parts.store.fill(...fill));
        held = filled;
        return filled;
      },
    },
  }));
  const { account, token } = await register('late fill');
  await verify(token);
  await logout(token);
  fillsMayGo();
  t.equal(await held, false, 'the late copy was refused');
  t.equal(await copies.read(claimsOf(token).sid, account.id), 'unknown');
  t.equal(await seen(token), 'dead');
});

t.test('with the store away', async (t) => {
  const away = async () => {
    throw new AppError('store-unavailable');
  };
  const { register, login, verify, logout, log } = await platform(t, (parts) => ({
    ...parts,
    store: { ...parts.store, fill: away, raise: away, getMany: away, reserve: away, giveBack: away },
  }));

  t.test('sessions are opened, verified and ended from the rows, and the log says so', async (t) => {
    const { account } = await register('no store');
    const { token } = await login({ id: account.id });
    t.match(await verify(token), { account: { id: account.id } });
    t.strictSame(await logout(token), {});
    await t.rejects(verify(token), dead);
    t.match(log.join(''), /"level":40.*the copy of a session could not be dropped/);
  });

  t.test('no line of the log names a session, a token or a password', async (t) => {
    const { token } = await register('unnamed');
    await verify(token);
    await logout(token);
    const lines = log.join('');
    t.notMatch(lines, claimsOf(token).sid);
    t.notMatch(lines, token);
    t.notMatch(lines, 'correct horse');
  });
});

t.test('without the user service a session is neither alive nor dead', async (t) => {
  const clock = movableClock();
  const parts = await testParts(t, { clock });
  const user = await startUser(t, parts);
  await startAuth(t, parts);
  const { register, verify, logout } = gateway(parts);
  const { token } = await register('alone');
  await user.close();
  await t.rejects(verify(token), { code: 'unavailable' });
  t.strictSame(await logout(token), {});
  await t.rejects(verify(token), dead, 'an ended one needs nobody else');
});
