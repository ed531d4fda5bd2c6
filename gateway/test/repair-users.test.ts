import { AppError, type ErrorCode } from '@vestibule/shared/errors';
import t from 'tap';
import { bodyKinds } from './harness/client.ts';
import { bad, good, shownUser, startRepair, wechatUser } from './harness/repair.ts';

const signedIn = { user: wechatUser(), token: 'a-token' };
const referer = 'https://servicewechat.com/wx0123456789abcdef/devtools/page-frame.html';

/** Services that let everything through. */
const services = {
  auth: {
    registerByWechat: async () => signedIn,
    loginByWechat: async () => signedIn,
    identifyByWechat: async () => ({ account: wechatUser().account }),
  },
  user: {
    getWechatUser: async () => wechatUser(),
    updateWechatUser: async () => wechatUser(),
  },
};
const refusing = (code: ErrorCode) => async () => Promise.reject(new AppError(code));

const userinfo = {
  name: 'zhangsan1',
  phone: '+86 010-1234',
  address: '3号楼201',
  company: '后勤处',
  age: 35,
  email: 'zhangsan@example.com',
};
const wx_userinfo = { nickName: '张三', gender: 1, tags: [{ of: null }] };

for (const kind of bodyKinds) {
  for (const path of ['/api', '/auth']) {
    for (const slash of ['', '/']) {
      t.test(`${path}/user${slash} and ${path}/login${slash} with ${kind} bodies`, async (t) => {
        const { client, token, calls } = await startRepair(t, { services });
        const post = (at: string, fields: object, sent: Record<string, string> = {}) =>
          client.post(`${path}/${at}${slash}`, fields, { kind, headers: sent });

        const registered = await post(
          'user',
          { action: 'register', code: 'a-code', userinfo: { ...userinfo, role: 'repair' }, wx_userinfo },
          { referer },
        );
        t.equal(registered.status, 200);
        t.strictSame(registered.body, good({ token: 'a-token', user: shownUser }));
        t.equal(registered.headers['cache-control'], 'no-store');
        const loggedIn = await post('login', { code: 'a-code', encryptedData: 'ZGF0YQ==', iv: 'aXY=' });
        t.strictSame(loggedIn.body, good({ token: 'a-token', user: shownUser }));
        const changed = await post('user', { action: 'update', userinfo: { age: '' } }, { token });
        t.strictSame(changed.body, good(shownUser));
        const current = await client.get(`${path}/user${slash}?view=get_curr_user_info`, { token });
        t.strictSame(current.body, good(shownUser));

        t.strictSame(calls(), [
          [
            'auth.register-by-wechat',
            {
              code: 'a-code',
              appid: 'wx0123456789abcdef',
              profile: userinfo,
              wxUserinfo: wx_userinfo,
              role: 'repair',
            },
          ],
          ['auth.login-by-wechat', { code: 'a-code', encrypted: { data: 'ZGF0YQ==', iv: 'aXY=' } }],
          ['user.update-wechat-user', { id: 51_923_482, profile: { age: null } }],
          ['user.get-wechat-user', { id: 51_923_482 }],
        ]);
      });
    }
  }
}

t.test('a registration needs nothing but a code, and gives the role normal', async (t) => {
  const { post, calls } = await startRepair(t, { services });
  await post('/api/user', { action: 'register', code: 'a-code' }, { token: '' });
  await post('/api/user', { action: 'register', code: 'a-code', userinfo: { name: null } }, { token: '' });
  t.strictSame(calls(), [
    ['auth.register-by-wechat', { code: 'a-code', role: 'normal', profile: {} }],
    ['auth.register-by-wechat', { code: 'a-code', role: 'normal', profile: {} }],
  ]);
});

t.test('who has no WeChat profile yet shows an empty one', async (t) => {
  const getWechatUser = async () => ({ ...wechatUser(), wxUserinfo: null });
  const { ask } = await startRepair(t, { services: { user: { getWechatUser } } });
  t.strictSame(
    (await ask('/api/user?view=get_curr_user_info')).body,
    good({ ...shownUser, wx_userinfo: {} }),
  );
});

t.test('the app is the one that Referer names, if it is a mini-program', async (t) => {
  for (const [sent, appid] of [
    ['https://servicewechat.com/wx0123456789abcdef/42/page-frame.html', 'wx0123456789abcdef'],
    ['http://servicewechat.com/wx0123456789abcdef/42/page-frame.html', undefined],
    ['https://servicewechat.com.example/wx0123456789abcdef/42/', undefined],
    ['https://example.com/https://servicewechat.com/wx0123456789abcdef/42/', undefined],
    ['https://servicewechat.com/', undefined],
  ] as const) {
    const { post, calls } = await startRepair(t, { services });
    const headers = { referer: sent };
    await post('/api/login', { code: 'a-code' }, { headers });
    await post('/api/user', { action: 'update', code: 'a-code' }, { headers });
    const asked = { code: 'a-code', ...(appid === undefined ? {} : { appid }) };
    t.strictSame(calls().slice(0, 2), [
      ['auth.login-by-wechat', asked],
      ['auth.identify-by-wechat', asked],
    ]);
  }
});

t.test('an update', async (t) => {
  const update = { action: 'update', userinfo: { name: 'a' } };
  const other = async () => ({ account: wechatUser({ id: 70_671_574 }).account });

  t.test('with a fresh code and no token writes the account of the code', async (t) => {
    const { client, calls } = await startRepair(t, {
      services: { ...services, auth: { identifyByWechat: other } },
    });
    for (const headers of [{}, { token: 'nonsense' }]) {
      t.match((await client.post('/api/user', { ...update, code: 'a-code' }, { headers })).body, { code: 0 });
      t.match(calls().at(-1), ['user.update-wechat-user', { id: 70_671_574 }]);
    }
  });

  t.test('with an empty code, as a form sends what is not filled in, is one by its token', async (t) => {
    const { client, token, calls } = await startRepair(t, { services });
    const answer = await client.post('/api/user', { ...update, code: '' }, { token, kind: 'form' });
    t.match(answer.body, { code: 0 });
    t.match(calls(), [['user.update-wechat-user', { id: 51_923_482 }]]);
  });

  t.test('with a code and the token of the same account is one', async (t) => {
    const { post, calls } = await startRepair(t, { services });
    t.match((await post('/api/user', { ...update, code: 'a-code' })).body, { code: 0 });
    t.match(calls(), [['auth.identify-by-wechat'], ['user.update-wechat-user', { id: 51_923_482 }]]);
  });

  t.test('with a code and the token of another account is not allowed', async (t) => {
    const { post, calls } = await startRepair(t, {
      services: { ...services, auth: { identifyByWechat: other } },
    });
    const { status, body } = await post('/api/user', { ...update, code: 'a-code' });
    t.equal(status, 403);
    t.strictSame(body, bad(-6, '没有权限'));
    t.equal(calls().length, 1);
  });

  t.test('with neither needs a login', async (t) => {
    const { client, calls } = await startRepair(t, { services });
    for (const headers of [{}, { token: 'nonsense' }]) {
      const { status, body } = await client.post('/api/user', update, { headers });
      t.equal(status, 401);
      t.strictSame(body, bad(-5, '请重新登录'));
    }
    t.strictSame(calls(), []);
  });

  t.test('with the cookie alone from a foreign page is refused', async (t) => {
    const { client, token, calls } = await startRepair(t, { services });
    const headers = { cookie: `session=${token}`, origin: 'https://evil.example' };
    const { status, body } = await client.post('/api/user', update, { headers });
    t.equal(status, 403);
    t.strictSame(body, bad(-6, '不允许的来源'));
    t.strictSame(calls(), []);
  });

  t.test('of a pending account reaches its own record', async (t) => {
    const { post, ask } = await startRepair(t, { services, caller: { status: 'pending' } });
    t.match((await post('/api/user', update)).body, { code: 0 });
    t.match((await ask('/api/user?view=get_curr_user_info')).body, { code: 0 });
  });

  t.test('with the token of an openid that has no account needs a login', async (t) => {
    const { post, ask } = await startRepair(t, { services, caller: null });
    t.strictSame((await post('/api/user', update)).body, bad(-5, '请重新登录'));
    t.strictSame((await ask('/api/user?view=get_curr_user_info')).body, bad(-5, '请重新登录'));
  });
});

t.test('what the services refuse has its code', async (t) => {
  const register = { action: 'register', code: 'a-code' };
  const update = { action: 'update', code: 'a-code' };
  const login = { code: 'a-code' };
  const rows: [operation: string, ErrorCode, status: number, code: number, msg: string][] = [
    ['register', 'identity-taken', 200, -7, '用户已注册'],
    ['register', 'wechat-refused', 200, -3, '微信不接受此code'],
    ['register', 'wechat-unavailable', 503, -2, '微信服务暂时不可用，请稍后再试'],
    ['register', 'admin-registration-closed', 403, -6, '没有权限'],
    ['update', 'account-unknown', 200, -4, '用户未注册'],
    ['update', 'account-inactive', 200, -6, '账户已被冻结或删除'],
    ['update', 'wechat-refused', 200, -3, '微信不接受此code'],
    ['login', 'account-unknown', 200, -4, '用户未注册'],
    ['login', 'account-inactive', 200, -6, '账户已被冻结或删除'],
    ['login', 'wechat-refused', 200, -3, '微信不接受此code'],
    ['login', 'wechat-unavailable', 503, -2, '微信服务暂时不可用，请稍后再试'],
    ['login', 'wechat-data-invalid', 200, -1, '微信加密数据无效'],
    ['login', 'database-unavailable', 503, -2, '服务暂时不可用，请稍后再试'],
    ['login', 'internal', 500, -2, '服务器内部错误'],
  ];
  for (const [operation, code, status, number, msg] of rows) {
    t.test(`${operation}: ${code}`, async (t) => {
      const refuse = refusing(code);
      const { client } = await startRepair(t, {
        services: {
          auth: { registerByWechat: refuse, loginByWechat: refuse, identifyByWechat: refuse },
        },
      });
      const answer =
        operation === 'login'
          ? await client.post('/api/login', login)
          : await client.post('/api/user', operation === 'register' ? register : update);
      t.equal(answer.status, status);
      t.strictSame(answer.body, bad(number, msg));
      t.equal(answer.headers['retry-after'], status === 503 ? '2' : undefined);
    });
  }
});

t.test('the view of the current user is the only one', async (t) => {
  const { client, ask } = await startRepair(t, { services });
  for (const url of ['/api/user', '/api/user?view=', '/api/user?view=all', '/auth/user?view=a&view=b']) {
    t.strictSame((await ask(url)).body, bad(-1, '参数错误：view'), url);
  }
  const { status, body } = await client.get('/api/user?view=get_curr_user_info');
  t.equal(status, 401);
  t.strictSame(body, bad(-5, '请重新登录'));
});

t.test('an admin who registers others is named to the auth service', async (t) => {
  const { post, asked } = await startRepair(t, { services, caller: { role: 'admin' } });
  await post('/api/user', { action: 'register', code: 'a-code', userinfo: { role: 'repair' } });
  t.match(asked.at(-1), { subject: 'auth.register-by-wechat', context: { caller: { role: 'admin' } } });
});

t.test('a body that cannot be read has its HTTP status and -1', async (t) => {
  const { client } = await startRepair(t);
  const json = { 'content-type': 'application/json' };
  const answers = [
    [400, '请求内容无法解析', await client.send('/api/user', '{"action":', json)],
    [415, '不支持的请求内容类型', await client.send('/api/login', '<code/>', { 'content-type': 'text/xml' })],
    [413, '请求内容过大', await client.send('/api/login', `{"code":"${'1'.repeat(65_536)}"}`, json)],
  ] as const;
  for (const [status, msg, answer] of answers) {
    t.equal(answer.status, status);
    t.strictSame(answer.body, bad(-1, msg));
  }
});
