import { logLines } from '@vestibule/shared/test/log-lines';
import t from 'tap';
import { readGatewaySettings, servesDevRoutes } from '../src/config.ts';
import { clientOf } from './harness/client.ts';
import { account, fakeParts } from './harness/fakes.ts';
import { startGateway } from './harness/platform.ts';

t.test('without settings the documents hold', async (t) => {
  t.match(readGatewaySettings({}), {
    NODE_ENV: 'development',
    PORT: 3000,
    TIME_ZONE: 'Asia/Shanghai',
    BODY_LIMIT: 65_536,
    MULTIPART_LIMIT: 262_144,
    REQUEST_DEADLINE_MS: 5000,
    ALLOWED_ORIGINS: '',
    TRUSTED_PROXIES: '',
    OPENID_BINDING: 'off',
    OPENID_RATE: 120,
    OPENID_RATE_WINDOW_MS: 60_000,
    SIGNUP_RATE: 10,
    SIGNUP_RATE_WINDOW_MS: 3_600_000,
    REGISTER_RATE: 20_000,
    REGISTER_RATE_WINDOW_MS: 3_600_000,
    LIMITS: 'on',
  });
});

const wrong: [name: string, value: string][] = [
  ['PORT', '65536'],
  ['PORT', 'http'],
  ['DIALECTS', 'charity,esperanto'],
  ['DIALECTS', ','],
  ['TIME_ZONE', 'Asia/Atlantis'],
  ['BODY_LIMIT', '0'],
  ['REQUEST_DEADLINE_MS', '1e9'],
  ['ALLOWED_ORIGINS', 'www.example.com'],
  ['ALLOWED_ORIGINS', 'https://www.example.com/'],
  ['ALLOWED_ORIGINS', 'https://www.example.com https://example.org'],
  ['TRUSTED_PROXIES', 'proxy.example.com'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TRUSTED_PROXIES', '0.0.0.0/0'],
  ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
  ['TRUSTED_PROXIES', '2001:db8::/129'],
  ['OPENID_BINDING', 'on'],
  ['OPENID_RATE', '0'],
  ['SIGNUP_RATE', '0'],
  ['SIGNUP_RATE_WINDOW_MS', '1h'],
  ['REGISTER_RATE', '0'],
  ['REGISTER_RATE_WINDOW_MS', '999'],
  ['LIMITS', 'false'],
  ['DEV_ROUTES', 'yes'],
];
for (const [name, value] of wrong) {
  t.test(`${name}=${value} is refused with one line that names it`, async (t) => {
    t.throws(() => readGatewaySettings({ [name]: value }), {
      name: 'SettingError',
      message: new RegExp(`^${name} is not valid: [^\\n]+$`),
    });
  });
}

t.test('production refuses routes under /dev and doing without limits', async (t) => {
  const production = { NODE_ENV: 'production' };
  for (const [name, value] of [
    ['DEV_ROUTES', 'on'],
    ['LIMITS', 'off'],
  ] as const) {
    t.throws(() => readGatewaySettings({ ...production, [name]: value }), {
      name: 'SettingError',
      message: new RegExp(`^${name} is not valid: [^\\n]+$`),
    });
    t.doesNotThrow(() => readGatewaySettings({ [name]: value }));
  }
  t.equal(servesDevRoutes(readGatewaySettings(production)), false);
  t.equal(servesDevRoutes(readGatewaySettings({})), true);
  t.equal(servesDevRoutes(readGatewaySettings({ DEV_ROUTES: 'off' })), false);
});

t.test('only the chosen documents are served', async (t) => {
  const { parts } = await fakeParts({});
  const statuses = async (environment: Record<string, string>) => {
    const client = clientOf(await startGateway(t, parts, { environment }));
    const { body } = await client.get('/openapi.json');
    const urls = ['/user/login', '/service/user/get', '/dev/wechat/sns/jscode2session'];
    const answers = await Promise.all([
      client.post(urls[0] ?? '', {}),
      client.post(urls[1] ?? '', {}),
      client.get(urls[2] ?? ''),
    ]);
    return [
      ...answers.map(({ status }) => status),
      (body as { tags: { name: string }[] }).tags.map(({ name }) => name),
    ];
  };
  t.strictSame(await statuses({ DIALECTS: 'charity' }), [200, 404, 200, ['charity']]);
  t.strictSame(await statuses({ DIALECTS: ' openid ,openid', DEV_ROUTES: 'off' }), [
    404,
    200,
    404,
    ['openid'],
  ]);
  t.strictSame(await statuses({ NODE_ENV: 'production' }), [
    200,
    200,
    404,
    ['repair', 'accounts', 'medicine', 'openid', 'charity'],
  ]);
});

t.test('the log recommends OPENID_BINDING=token where it is off', async (t) => {
  const { parts } = await fakeParts({});
  const logOf = async (environment: Record<string, string>) => {
    const { logger, text } = logLines();
    await startGateway(t, parts, { environment, logger });
    return text();
  };
  t.match(await logOf({}), /OPENID_BINDING is off/);
  t.notMatch(await logOf({ OPENID_BINDING: 'token' }), /OPENID_BINDING/);
  t.notMatch(await logOf({ DIALECTS: 'charity' }), /OPENID_BINDING/);
});

t.test('times are written in the chosen time zone', async (t) => {
  const access = {
    accountId: 51_923_482,
    role: 'normal',
    status: 'active',
    sessionEpoch: 0,
    version: 0,
  } as const;
  const { parts } = await fakeParts({ user: { find: async () => ({ account: account(), access }) } });
  const timesIn = async (TIME_ZONE: string) => {
    const client = clientOf(await startGateway(t, parts, { environment: { TIME_ZONE } }));
    return (await client.post('/service/user/get', { openid: 'o' })).body;
  };
  t.match(await timesIn('Asia/Shanghai'), {
    data: { created_at: '2020-03-26 11:34:29', modified_at: '2020-03-26 11:34:35' },
  });
  t.match(await timesIn('America/New_York'), { data: { created_at: '2020-03-25 23:34:29' } });
  t.match(await timesIn('UTC'), { data: { created_at: '2020-03-26 03:34:29' } });
});
