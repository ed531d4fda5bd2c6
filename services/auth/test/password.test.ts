import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { gateway, startAuth, startUser } from './auth-service.ts';
import { quickEngine } from './quick-engine.ts';

t.test(
  'logins beyond HASH_CONCURRENCY and HASH_QUEUE are refused early, and are not counted as guesses',
  async (t) => {
    const parts = await testParts(t);
    const engine = quickEngine();
    await startUser(t, parts);
    const environment = { HASH_CONCURRENCY: '2', HASH_QUEUE: '3', GUESS_PAIR_LIMIT: '6' };
    await startAuth(t, parts, { engine, environment });
    const { register, login } = gateway(parts);
    const { account } = await register('busy');

    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let running = 0;
    let most = 0;
    engine.before = async () => {
      running += 1;
      most = Math.max(most, running);
      await released;
      running -= 1;
    };
    const answers: unknown[] = [];
    const wrong = () =>
      login({ id: account.id }, { password: 'wrong' }).catch((error: unknown) => {
        answers.push(error);
        return error;
      });
    const all = Promise.all(Array.from({ length: 7 }, wrong));
    await until('two are refused', () => answers.length === 2);
    t.match(answers, [{ code: 'busy', details: { retryAfterSeconds: 1 } }, { code: 'busy' }]);
    release();
    await all;
    t.equal(most, 2);
    t.equal(engine.counts.verified, 5);

    t.match(await wrong(), { code: 'credentials-wrong' }, 'the sixth that was compared');
    t.match(await wrong(), { code: 'rate-limited' });
  },
);

t.test(
  'under the strong policy weak passwords are refused before anything is hashed or counted',
  async (t) => {
    const parts = await testParts(t);
    const engine = quickEngine();
    await startUser(t, parts);
    await startAuth(t, parts, { engine, environment: { PASSWORD_POLICY: 'strong' } });
    const { register, changePassword, login } = gateway(parts);
    const { account } = await register('strong');
    const before = { ...engine.counts };
    await t.rejects(changePassword(account.id, 'password'), { code: 'password-weak' });
    await t.rejects(changePassword(account.id, 'short'), { code: 'password-weak' });
    t.strictSame(engine.counts, before);
    await login({ id: account.id });
  },
);
