import { userContracts } from '@vestibule/shared/contracts/user';
import { postgresDatabase } from '@vestibule/shared/database/postgres';
import { createLogger } from '@vestibule/shared/logger';
import { redisStore } from '@vestibule/shared/store/redis-store';
import { testParts } from '@vestibule/shared/test/parts';
import { startPostgresServer } from '@vestibule/shared/test/postgres-server';
import { startRedisServer } from '@vestibule/shared/test/redis-server';
import t from 'tap';
import { caller, listen, startUserService } from '../services/user/test/user-service.ts';
import { runTool } from './harness/launched.ts';

const source = 'scripts/set-role.ts';
const logger = createLogger({ level: 'silent', name: 'test' });
const nowhere = 'redis://127.0.0.1:1';

t.test('roles by the command line, while the platform runs', async (t) => {
  const [postgres, redis] = await Promise.all([startPostgresServer(), startRedisServer()]);
  t.teardown(() => Promise.all([postgres.stop(), redis.stop()]));
  const namespace = 'roles';
  const clock = Date.now;
  const database = postgresDatabase({ url: postgres.url, timeoutMs: 3000, poolSize: 5, logger });
  const store = redisStore({ url: redis.url, namespace, timeoutMs: 250, logger, clock });
  t.teardown(() => Promise.all([database.close(), store.close()]));
  await store.ready();
  const parts = { ...(await testParts(t)), database, store };
  const heard = await listen(t, parts);
  await startUserService(t, parts);
  const { call, create } = caller(parts);
  const settings = { DATABASE_URL: postgres.url, REDIS_URL: redis.url, NAMESPACE: namespace };
  const setRole = (id: number, role: string, others: Record<string, string> = {}) =>
    runTool(t, source, { ...settings, ...others }, [String(id), role]);

  t.test('count from the next call on: no copy of the old role is left, nor comes back', async (t) => {
    const { id } = (await create()).account;
    const key = `access:${id}`;
    await store.fill(key, 'the old copy', 0, 5000);
    t.equal(await store.get(key), 'the old copy');
    t.same(await setRole(id, 'admin'), {
      code: 0,
      printed: `account ${id} was normal and is admin now; it counts from the next call on\n`,
      complained: '',
    });
    t.equal(await store.get(key), null);
    t.equal(await store.fill(key, 'a late read', 0, 5000), false);
    t.match(await call(userContracts.access, { id }), { role: 'admin', version: 1, sessionEpoch: 0 });
  });

  t.test('stand without the store, and say when they count', async (t) => {
    const { id } = (await create()).account;
    const late = 'it counts within 5 s';
    t.match(await setRole(id, 'donor', { REDIS_URL: '' }), {
      code: 0,
      printed: `account ${id} was normal and is donor now; ${late} (REDIS_URL is not set)\n`,
    });
    t.match(await setRole(id, 'repair', { REDIS_URL: nowhere }), {
      code: 0,
      printed: `account ${id} was donor and is repair now; ${late} (Redis does not answer)\n`,
    });
    t.match(await call(userContracts.access, { id }), { role: 'repair', version: 2 });
  });

  t.test('are told of by the service', async (t) => {
    const { id } = (await create()).account;
    await setRole(id, 'volunteer');
    await setRole(id, 'volunteer');
    await call(userContracts.remove, { id });
    t.match((await heard.lifeOf(id)).slice(1), [
      {
        kind: 'account.role-changed',
        data: { from: 'normal', to: 'volunteer' },
        requestId: /^set-role-/,
        actorId: null,
      },
      { kind: 'account.status-changed' },
    ]);
  });

  t.test('of the last active admins, taken from both at once, leave one', async (t) => {
    const ids = (await call(userContracts.search, { role: 'admin', page: 1, perPage: 10 })).ids;
    const another = (await create({ role: 'admin' })).account.id;
    const both = [...ids, another];
    t.equal(both.length, 2);
    const answers = await Promise.all(both.map((id) => setRole(id, 'normal')));
    t.same(answers.map(({ code }) => code).sort(), [0, 1]);
    t.equal(
      answers.map(({ complained }) => complained).join(''),
      'it is the last active admin: make another one first\n',
    );
    t.equal((await call(userContracts.search, { role: 'admin', page: 1, perPage: 10 })).ids.length, 1);
  });

  t.test('are refused in one line where they are wrong, or the database is away', async (t) => {
    t.same(await setRole(10_000_000, 'admin'), {
      code: 1,
      printed: '',
      complained: 'there is no such account, or it is deleted\n',
    });
    t.match(await setRole(10_000_000, 'boss'), { code: 1, complained: /^ROLE is not valid: one of .+\n$/ });
    t.same(await setRole(10_000_000, 'admin', { DATABASE_URL: 'postgres://127.0.0.1:1/none' }), {
      code: 1,
      printed: '',
      complained: 'the database does not answer, or refuses the login\n',
    });
    t.match(await setRole(10_000_000, 'admin', { DATABASE_URL: 'mysql://secret@127.0.0.1/none' }), {
      code: 1,
      complained: /^DATABASE_URL is not valid: a `postgres:\/\/` URL[^@]+\n$/,
    });
  });
});
