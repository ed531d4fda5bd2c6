import { createLogger } from '@vestibule/shared/logger';
import { redisStore } from '@vestibule/shared/store/redis-store';
import { startRedisServer } from '@vestibule/shared/test/redis-server';
import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { codes, platform, tally } from './guessing.ts';

t.test('with Redis frozen', async (t) => {
  const redis = await startRedisServer();
  t.teardown(() => redis.stop());
  const logger = createLogger({ level: 'silent', name: 'test' });
  const store = redisStore({
    url: redis.url,
    namespace: 'guard',
    timeoutMs: 150,
    logger,
    clock: Date.now,
  });
  t.teardown(() => store.close());
  await until('Redis answers', () => store.ready());
  const { register, login, verify, logout, tryLogin, flood } = await platform(t, {
    replicas: 2,
    change: (parts) => ({ ...parts, store }),
  });
  const { account } = await register('frozen redis');
  await tryLogin({ id: account.id });
  await redis.freeze();

  /** Milliseconds that it takes; the hash is a quick one here. */
  const timed = async (work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };

  t.test('wrong and right passwords are answered within 300 ms, sessions verified and ended', async (t) => {
    t.ok((await timed(() => tryLogin({ id: account.id }, { password: 'wrong' }))) < 300);
    let token = '';
    t.ok((await timed(async () => ({ token } = await login({ id: account.id })))) < 300);
    t.ok((await timed(() => verify(token))) < 300);
    t.ok((await timed(() => logout(token))) < 300);
    await t.rejects(verify(token), { code: 'session-dead' });
  });

  t.test('200 parallel guesses on two replicas count like 200 in a row', async (t) => {
    const answers = codes(await flood({ id: account.id }, 200));
    t.strictSame(tally(answers), { 'credentials-wrong': 10, 'rate-limited': 190 });
  });

  t.test('and thawed, there are ten more at most', async (t) => {
    redis.thaw();
    await until('Redis answers', () => store.ready());
    const answers = codes(await flood({ id: account.id }, 200));
    t.ok((tally(answers)['credentials-wrong'] ?? 0) <= 10);
    t.equal((await tryLogin({ id: account.id })).replace(/ \d+$/, ''), 'rate-limited');
  });
});
