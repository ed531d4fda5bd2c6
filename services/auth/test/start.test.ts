import { authContracts } from '@vestibule/shared/contracts/auth';
import { userContracts } from '@vestibule/shared/contracts/user';
import { codeOf } from '@vestibule/shared/errors';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { readAuthSettings } from '../src/config.ts';
import { gateway, startAuth, startUser } from './auth-service.ts';
import { quickEngine } from './quick-engine.ts';

const production = {
  NODE_ENV: 'production',
  KEYS_SECRET: 'a secret of thirty-two characters',
  WECHAT_APPID: 'wx-app',
  WECHAT_SECRET: 'wx-secret',
};

t.test('development is open', async (t) => {
  t.match(readAuthSettings({}), {
    PASSWORD_POLICY: 'documented',
    ADMIN_REGISTRATION: 'open',
    LIMITS: 'on',
    SESSION_TTL: 604_800,
    KEY_ROTATION_DAYS: 30,
    WECHAT_API_BASE: 'https://api.weixin.qq.com',
  });
  t.match(readAuthSettings({ PASSWORD_POLICY: 'strong', ADMIN_REGISTRATION: 'closed' }), {
    PASSWORD_POLICY: 'strong',
    ADMIN_REGISTRATION: 'closed',
  });
});

t.test('production is strict', async (t) => {
  t.match(readAuthSettings(production), { PASSWORD_POLICY: 'strong', ADMIN_REGISTRATION: 'closed' });
  t.match(readAuthSettings({ ...production, PASSWORD_POLICY: 'documented', ADMIN_REGISTRATION: 'open' }), {
    PASSWORD_POLICY: 'documented',
    ADMIN_REGISTRATION: 'open',
  });
});

t.test('production refuses to start with one line that names', async (t) => {
  const refused: Record<string, [changed: Record<string, string>, message: RegExp]> = {
    'a missing KEYS_SECRET': [{ KEYS_SECRET: '' }, /^KEYS_SECRET is not set: .+$/],
    'a short KEYS_SECRET': [{ KEYS_SECRET: 'x'.repeat(31) }, /^KEYS_SECRET is not valid: .+$/],
    'a KEYS_SECRET of one letter': [{ KEYS_SECRET: 'k'.repeat(32) }, /^KEYS_SECRET is not valid: .+$/],
    'a KEYS_SECRET of one word': [{ KEYS_SECRET: 'changeme'.repeat(4) }, /^KEYS_SECRET is not valid: .+$/],
    'LIMITS=off': [{ LIMITS: 'off' }, /^LIMITS is not valid: .+$/],
    'a missing WECHAT_APPID': [{ WECHAT_APPID: '' }, /^WECHAT_APPID is not set: .+$/],
    'a missing WECHAT_SECRET': [{ WECHAT_SECRET: '' }, /^WECHAT_SECRET is not set: .+$/],
    'one missing where openid is served': [
      { WECHAT_APPID: '', DIALECTS: 'charity, openid' },
      /^WECHAT_APPID is not set: .+$/,
    ],
    'half an admin': [{ ADMIN_NICKNAME: 'boss' }, /^ADMIN_PASSWORD is not set: .+$/],
    'the other half': [{ ADMIN_PASSWORD: 'x' }, /^ADMIN_NICKNAME is not set: .+$/],
  };
  for (const [name, [changed, message]] of Object.entries(refused)) {
    t.test(name, async (t) => {
      t.throws(() => readAuthSettings({ ...production, ...changed }), { name: 'SettingError', message });
    });
  }
});

t.test('production needs no WeChat where neither repair nor openid is served', async (t) => {
  const without = {
    ...production,
    WECHAT_APPID: '',
    WECHAT_SECRET: '',
    DIALECTS: 'accounts,medicine,charity',
  };
  t.equal(readAuthSettings(without).WECHAT_APPID, undefined);
});

t.test('what is good for development alone is said at start', async (t) => {
  const parts = await testParts(t);
  const log: string[] = [];
  await startAuth(t, parts, { log, environment: { LIMITS: 'off' } });
  const warnings = log.map((line) => JSON.parse(line)).filter(({ level }) => level === 40);
  t.strictSame(
    warnings.map(({ msg }) => msg),
    [
      'KEYS_SECRET is not set: the signing keys lie in the database as they are',
      'ADMIN_REGISTRATION is open: anybody can register as admin',
      'LIMITS is off: passwords can be guessed without end',
    ],
  );
});

t.test('the first admin', async (t) => {
  const environment = { ADMIN_NICKNAME: 'Boss', ADMIN_PASSWORD: 'correct-horse' };
  const boss = { kind: 'nickname', value: 'boss' } as const;

  t.test('is made once, by whichever replica is first, as soon as the user service answers', async (t) => {
    const parts = await testParts(t);
    const logs: string[][] = [[], [], []];
    const engine = quickEngine();
    for (const log of logs) await startAuth(t, parts, { environment, log, engine });
    const { call, login } = gateway(parts);
    t.equal((await call(authContracts.publicKeys, {})).keys.length, 1, 'auth serves already');
    await startUser(t, parts);
    const find = () => call(userContracts.find, boss).catch(() => null);
    await until('the admin is there', async () => (await find()) !== null);
    const { account } = await login(boss, { password: environment.ADMIN_PASSWORD });
    t.match(account, { role: 'admin', status: 'active', nickname: 'Boss' });
    await until('all have tried', () => engine.counts.hashed >= logs.length);
    const made = logs.flat().filter((line) => line.includes('the first admin was made'));
    t.equal(made.length, 1);
    t.match(JSON.parse(made[0] ?? '{}'), { accountId: account.id });
    t.notMatch(logs.flat().join(''), 'correct-horse');
  });

  t.test('is left as it is when it is there', async (t) => {
    const parts = await testParts(t);
    await startUser(t, parts);
    const first = await startAuth(t, parts);
    const { register, call, login } = gateway(parts);
    const { account } = await register('boss');
    await first.close();
    const auth = await startAuth(t, parts, {
      environment: { ...environment, ADMIN_PASSWORD: 'another-one' },
    });
    await auth.close();
    await startAuth(t, parts);
    t.equal((await call(userContracts.find, boss)).account.role, 'normal');
    t.equal((await login({ id: account.id })).account.id, account.id);
  });

  t.test('with a password that the policy refuses stops the start with one line', async (t) => {
    const parts = await testParts(t);
    const weak = { ...environment, ADMIN_PASSWORD: 'password', PASSWORD_POLICY: 'strong' };
    await t.rejects(startAuth(t, parts, { environment: weak }), {
      name: 'SettingError',
      message: 'ADMIN_PASSWORD is not valid: the password policy refuses it as too weak',
    });
  });

  t.test(
    'that the login of the accounts document would not let in stops the start with one line',
    async (t) => {
      const parts = await testParts(t);
      const start = (changed: Record<string, string>) =>
        startAuth(t, parts, { environment: { ...environment, ...changed } });
      await t.rejects(start({ ADMIN_NICKNAME: 'the boss' }), {
        name: 'SettingError',
        message:
          'ADMIN_NICKNAME is not valid: the login of the accounts document takes 2 to 16 Chinese characters, letters, digits, `_` and `-`',
      });
      await t.rejects(start({ ADMIN_PASSWORD: 'seventeen-letters' }), {
        name: 'SettingError',
        message:
          'ADMIN_PASSWORD is not valid: the login of the accounts document takes 6 to 16 letters, digits, `_` and `-`',
      });
      await t.resolves(start({ ADMIN_PASSWORD: 'seventeen-letters', DIALECTS: 'charity' }));
    },
  );

  t.test('does not hold up the end of a process that waits for the user service', async (t) => {
    const parts = await testParts(t);
    const auth = await startAuth(t, parts, { environment });
    await t.resolves(auth.close());
  });
});

t.test('a service that is closed takes no calls, and those in flight are answered', async (t) => {
  const parts = await testParts(t);
  const engine = quickEngine();
  await startUser(t, parts);
  const auth = await startAuth(t, parts, { engine });
  const { register, login, call } = gateway(parts);
  const { account } = await register('closing');
  let release = () => {};
  const started = new Promise<void>((resolve) => {
    engine.before = () => {
      resolve();
      return new Promise((go) => {
        release = go;
      });
    };
  });
  const answer = login({ id: account.id });
  await started;
  const closed = auth.close();
  const refusal = () => call(authContracts.publicKeys, {}).then(() => '', codeOf);
  await until('no call is taken', async () => (await refusal()) === 'unavailable');
  release();
  t.equal((await answer).account.id, account.id);
  await closed;
});
