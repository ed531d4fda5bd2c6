import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { startAuth, startUser } from '../../services/auth/test/auth-service.ts';
import { clientOf } from './harness/client.ts';
import { startGateway } from './harness/platform.ts';

/** A platform whose WeChat is the gateway's own stand-in, over HTTP. */
async function startWithStandIn(environment: Record<string, string> = {}) {
  const parts = await testParts(t);
  const app = await startGateway(t, parts, { environment });
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  await startUser(t, parts);
  await startAuth(t, parts, {
    environment: {
      WECHAT_API_BASE: `${base}/dev/wechat`,
      WECHAT_APPID: 'development',
      WECHAT_SECRET: 'development',
    },
  });
  return { app, client: clientOf(app) };
}
const profile = { phone: '12345678912', qq: '张三', cardno: '0111111111111' };

t.test('the stand-in knows the codes dev:NAME', async (t) => {
  const { client } = await startWithStandIn();
  const ask = async (js_code: string) =>
    (await client.get(`/dev/wechat/sns/jscode2session?appid=a&secret=b&js_code=${js_code}&grant_type=c`))
      .body;
  const { session_key, ...rest } = (await ask('dev:sara')) as { session_key: string };
  t.strictSame(rest, { openid: 'dev-sara' });
  t.equal(Buffer.from(session_key, 'base64').length, 16);
  t.strictSame(await ask('dev:sara'), { openid: 'dev-sara', session_key });
  t.notMatch(await ask('dev:ann'), { session_key });
  for (const code of ['', 'sara', 'dev:', 'dev:a%20b', `dev:${'a'.repeat(65)}`]) {
    t.strictSame(await ask(code), { errcode: 40029, errmsg: 'invalid code' });
  }
});

t.test('getOpenid trades a code for the openid alone', async (t) => {
  const { client } = await startWithStandIn();
  t.strictSame((await client.post('/service/user/getOpenid/', { js_code: 'dev:sara' })).body, {
    code: 0,
    msg: 'success',
    data: { openid: 'dev-sara' },
  });
  const refused = await client.post('/service/user/getOpenid', { js_code: 'nonsense' });
  t.equal(refused.status, 200);
  t.strictSame(refused.body, { code: -2, msg: '微信不接受此js_code', data: [] });
});

t.test('with OPENID_BINDING=token', async (t) => {
  const { client } = await startWithStandIn({ OPENID_BINDING: 'token' });
  const tokenOf = async (name: string) => {
    const { body } = await client.post('/service/user/getOpenid', { js_code: `dev:${name}` });
    t.match(body, { code: 0, data: { openid: `dev-${name}`, token: /^[\w-]+\.[\w-]+\.[\w-]+$/ } });
    return (body as { data: { token: string } }).data.token;
  };
  const token = await tokenOf('sara');
  const other = await tokenOf('ann');
  const operations = ['login', 'loginByOpenid', 'get', 'update', 'addHistory', 'getHistory', 'cleanHistory'];
  const fields = { openid: 'dev-sara', ...profile, update: '{}', hist: 'a' };

  for (const operation of operations) {
    t.test(
      `${operation} answers 401 without a live token, and 403 with that of another openid`,
      async (t) => {
        const none = await client.post(`/service/user/${operation}`, fields);
        t.equal(none.status, 401);
        t.strictSame(none.body, { code: -2, msg: '请重新登录', data: [] });
        const dead = await client.post(`/service/user/${operation}`, fields, { token: 'nonsense' });
        t.equal(dead.status, 401);
        const foreign = await client.post(`/service/user/${operation}`, fields, { token: other });
        t.equal(foreign.status, 403);
        t.strictSame(foreign.body, { code: -2, msg: '没有权限', data: [] });
      },
    );
  }

  t.test('the token of the openid opens each operation, before and after there is a user', async (t) => {
    const codes: Record<string, unknown> = {};
    for (const operation of ['loginByOpenid', 'get', ...operations]) {
      const { status, body } = await client.post(`/service/user/${operation}`, fields, { token });
      codes[operation] ??= [status, (body as { code: number }).code];
    }
    t.strictSame(codes, {
      loginByOpenid: [200, -2],
      get: [200, -4],
      login: [200, 0],
      update: [200, 0],
      addHistory: [200, 0],
      getHistory: [200, 0],
      cleanHistory: [200, 0],
    });
    t.match((await client.post('/service/user/get', fields, { token })).body, {
      code: 0,
      data: { openid: 'dev-sara', phone: '12345678912' },
    });
  });

  t.test('the token of an account without this openid does not', async (t) => {
    const { body } = await client.post('/user/register', {
      first_name: 'Sara',
      last_name: 'Hammer',
      role: '0',
      password: 'sesame-4711',
    });
    const { data } = body as { data: { token: string } };
    t.equal((await client.post('/service/user/get', fields, { token: data.token })).status, 403);
    t.match((await client.post('/user/getuser', { id: '10000000' }, { token })).body, {
      code: 401,
      msg: 'please login again',
    });
  });
});

t.test('with OPENID_BINDING=token, when the account is frozen', async (t) => {
  const { client } = await startWithStandIn({ OPENID_BINDING: 'token' });
  type Answered = { data: { id: number; token: string } };
  const openid = 'dev-sara';
  const tokenOf = async () =>
    ((await client.post('/service/user/getOpenid', { js_code: 'dev:sara' })).body as Answered).data.token;
  const admin = (
    (
      await client.post('/user/register', {
        ...{ first_name: 'Ann', last_name: 'Hammer', role: '0', password: 'sesame-4711' },
      })
    ).body as Answered
  ).data.token;
  const token = await tokenOf();
  const { body } = await client.post('/service/user/login', { openid, ...profile }, { token });
  const setStatus = (status: string) =>
    client.post('/user/status', { id: String((body as Answered).data.id), status }, { token: admin });
  const answered = async (operation: string, token: string) => {
    const fields = { openid, ...profile, update: '{}', hist: 'a' };
    const { status, body } = await client.post(`/service/user/${operation}`, fields, { token });
    return [status, (body as { code: number }).code];
  };
  t.strictSame(await answered('get', token), [200, 0]);
  t.match((await setStatus('1')).body, { code: 200 });

  t.test('its tokens are dead, for good', async (t) => {
    t.strictSame(await answered('get', token), [401, -2]);
    t.strictSame(await answered('login', token), [401, -2]);
  });

  t.test('a new token gets told so', async (t) => {
    const fresh = await tokenOf();
    const codes = { login: -2, loginByOpenid: -3, get: -3, update: -2, addHistory: -2, cleanHistory: -2 };
    for (const [operation, code] of Object.entries(codes)) {
      t.strictSame(await answered(operation, fresh), [200, code], operation);
    }
  });

  t.test('and unfreezing it brings none of the dead ones back', async (t) => {
    t.match((await setStatus('0')).body, { code: 200 });
    t.strictSame(await answered('get', token), [401, -2]);
    t.strictSame(await answered('get', await tokenOf()), [200, 0]);
  });
});

t.test(
  'who claims an openid does not reach the account that was proved, nor takes it beforehand',
  async (t) => {
    const parts = await testParts(t);
    await startUser(t, parts);
    const environment = { WECHAT_APPID: 'development', WECHAT_SECRET: 'development' };
    const claiming = clientOf(await startGateway(t, parts));
    const app = await startGateway(t, parts, { environment: { OPENID_BINDING: 'token' } });
    const base = await app.listen({ port: 0, host: '127.0.0.1' });
    await startAuth(t, parts, { environment: { ...environment, WECHAT_API_BASE: `${base}/dev/wechat` } });
    const proving = clientOf(app);
    const openid = 'dev-sara';

    const claimed = await claiming.post('/service/user/login', { openid, ...profile, qq: 'claimed' });
    t.match(claimed.body, { code: 0 });
    const { body } = await proving.post('/service/user/getOpenid', { js_code: 'dev:sara' });
    const { token } = (body as { data: { token: string } }).data;
    t.match((await proving.post('/service/user/get', { openid }, { token })).body, { code: -4 });
    await proving.post('/service/user/login', { openid, ...profile, qq: 'proved' }, { token });
    t.match((await proving.post('/service/user/get', { openid }, { token })).body, {
      data: { qq: 'proved' },
    });
    t.match((await claiming.post('/service/user/get', { openid })).body, { data: { qq: 'claimed' } });
  },
);
