import { createDecipheriv } from 'node:crypto';
import { authContracts } from '@vestibule/shared/contracts/auth';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { startAuth, startUser } from '../../services/auth/test/auth-service.ts';
import { type Client, clientOf } from './harness/client.ts';
import { fakeParts } from './harness/fakes.ts';
import { startGateway } from './harness/platform.ts';

type Encrypted = { encryptedData: string; iv: string };

/** The answer, and what it holds when the session key of the name opens it. */
async function decrypted(client: Client, name: string, query = '') {
  const answer = await client.get(`/dev/wechat/encrypt?name=${name}${query}`);
  const session = await client.get(`/dev/wechat/sns/jscode2session?js_code=dev:${name}`);
  const { encryptedData, iv } = answer.body as Encrypted;
  const { session_key } = session.body as { session_key: string };
  const decipher = createDecipheriv(
    'aes-128-cbc',
    Buffer.from(session_key, 'base64'),
    Buffer.from(iv, 'base64'),
  );
  const bytes = Buffer.concat([decipher.update(encryptedData, 'base64'), decipher.final()]);
  return { answer, data: JSON.parse(bytes.toString()) };
}

async function gateway(environment: Record<string, string> = {}) {
  const { parts } = await fakeParts({});
  return clientOf(await startGateway(t, { ...parts, clock: movableClock() }, { environment }));
}

t.test('encrypts a profile of the user dev-NAME for the app `development`', async (t) => {
  const { answer, data } = await decrypted(await gateway(), 'sara');
  t.equal(answer.status, 200);
  t.strictSame(Object.keys(answer.body as Encrypted), ['encryptedData', 'iv']);
  t.equal(answer.headers['cache-control'], 'no-store');
  t.strictSame(data, {
    openId: 'dev-sara',
    nickName: 'sara',
    gender: 0,
    language: 'zh_CN',
    city: 'Guangzhou',
    province: 'Guangdong',
    country: 'China',
    avatarUrl: 'https://thirdwx.qlogo.cn/mmopen/vi_32/dev-sara/132',
    watermark: { timestamp: 1_800_000_000, appid: 'development' },
  });
});

t.test('each answer has an iv of its own', async (t) => {
  const client = await gateway();
  const [one, other] = [await decrypted(client, 'sara'), await decrypted(client, 'sara')];
  t.strictSame(one.data, other.data);
  t.not((one.answer.body as Encrypted).iv, (other.answer.body as Encrypted).iv);
});

t.test('the app is the first of WECHAT_APPID, or that of the query', async (t) => {
  const client = await gateway({ WECHAT_APPID: 'wx-first, wx-second' });
  t.equal((await decrypted(client, 'sara')).data.watermark.appid, 'wx-first');
  t.equal((await decrypted(client, 'sara', '&appid=wx-second')).data.watermark.appid, 'wx-second');
});

t.test('what is no name and no app is a bad request', async (t) => {
  const client = await gateway();
  const wrong = ['', '?name=', '?name=a%20b', `?name=${'a'.repeat(65)}`, '?name=a&name=b'];
  for (const query of [...wrong, '?name=sara&appid=', '?name=sara&appid=a%20b']) {
    const { status, headers } = await client.get(`/dev/wechat/encrypt${query}`);
    t.equal(status, 400, query);
    t.match(headers, { 'content-type': /^application\/problem\+json/ }, query);
  }
  t.match((await client.get('/dev/wechat/sns/jscode2session?js_code=dev:a&js_code=dev:b')).body, {
    errcode: 40029,
  });
});

for (const [name, environment] of Object.entries({
  'with DEV_ROUTES=off': { DEV_ROUTES: 'off' },
  'in production': { NODE_ENV: 'production' },
})) {
  t.test(`${name} there is no such path`, async (t) => {
    const client = await gateway(environment);
    for (const path of ['/dev/wechat/encrypt?name=sara', '/dev/wechat/sns/jscode2session?js_code=dev:sara']) {
      t.equal((await client.get(path)).status, 404, path);
    }
  });
}

t.test('auth takes its codes and data over HTTP', async (t) => {
  const parts = await testParts(t);
  const app = await startGateway(t, parts);
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  await startUser(t, parts);
  await startAuth(t, parts, {
    environment: {
      WECHAT_API_BASE: `${base}/dev/wechat`,
      WECHAT_APPID: 'development,wx-second',
      WECHAT_SECRET: 'a,b',
      WECHAT_TIMEOUT_MS: '10000',
    },
  });
  const client = clientOf(app);
  const context = () => ({ requestId: 'a-request', deadline: Date.now() + 60_000 });
  const login = async (code: string, query: string, appid?: string) => {
    const { body } = await client.get(`/dev/wechat/encrypt?${query}`);
    const { encryptedData: data, iv } = body as Encrypted;
    return parts.bus.call(
      authContracts.loginByWechat,
      { code, encrypted: { data, iv }, ...(appid && { appid }) },
      context(),
    );
  };
  const { user } = await parts.bus.call(
    authContracts.registerByWechat,
    { code: 'dev:sara', profile: {}, role: 'normal' },
    context(),
  );

  t.test('again and again, at once too', async (t) => {
    const logins = await Promise.all(Array.from({ length: 20 }, () => login('dev:sara', 'name=sara')));
    for (const { user: found } of logins) {
      t.equal(found.account.id, user.account.id);
      t.match(found.wxUserinfo, { nickName: 'sara', gender: 0 });
      t.notMatch(found.wxUserinfo, { openId: 'dev-sara' });
    }
  });

  t.test('for the app that is named', async (t) => {
    t.match(await login('dev:sara', 'name=sara&appid=wx-second', 'wx-second'), { token: /\./ });
    await t.rejects(login('dev:sara', 'name=sara&appid=wx-second'), { code: 'wechat-data-invalid' });
  });

  t.test("but not somebody else's", async (t) => {
    await t.rejects(login('dev:sara', 'name=ann'), { code: 'wechat-data-invalid' });
  });
});
