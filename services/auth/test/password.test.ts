import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import { createWorkQueue } from '@vestibule/shared/work-queue';
import t from 'tap';
import { argon2, createPasswordHashing } from '../src/password-hashing.ts';
import { createPasswordPolicy } from '../src/password-policy.ts';
import { gateway, quickEngine, startAuth, startUser } from './auth-service.ts';

t.test('a hash is argon2id with 19 MiB, two passes, one lane and a salt of its own', async (t) => {
  const hash = await argon2.hash('correct horse');
  t.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  t.not(await argon2.hash('correct horse'), hash);
  t.equal(await argon2.verify(hash, 'correct horse'), true);
  t.equal(await argon2.verify(hash, 'correct house'), false);
});

t.test('where there is no hash, one is compared with all the same, and the answer is no', async (t) => {
  const engine = quickEngine();
  const queue = createWorkQueue({ concurrency: 1, queue: 1, clock: Date.now });
  const dummyHash = await engine.hash('known to nobody');
  const hashing = createPasswordHashing({ engine, dummyHash, queue });
  const deadline = Date.now() + 60_000;
  t.equal(await hashing.verify(null, 'known to nobody', deadline), false);
  t.equal(engine.counts.verified, 1);
  t.equal(await hashing.verify(dummyHash, 'known to nobody', deadline), true);
});

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

t.test('the documented policy takes what the documents take', async (t) => {
  const policy = createPasswordPolicy('documented');
  for (const password of ['1', 'password', '密码', 'x'.repeat(128)]) t.doesNotThrow(() => policy(password));
});

t.test('the strong policy wants 8 characters that are not among the commonest', async (t) => {
  const policy = createPasswordPolicy('strong');
  for (const password of ['correct horse', '汉字密码八个字吗', '😀😁😂🤣😃😄😅😆', 'xk7_fq-2']) {
    t.doesNotThrow(() => policy(password), password);
  }
  for (const password of [
    '1',
    'xk7_fq2',
    '密码密码密码密',
    '😀😁😂🤣',
    'password',
    'PassWord',
    '12345678',
    'sunshine',
  ]) {
    t.throws(() => policy(password), { code: 'password-weak' }, password);
  }
});

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
