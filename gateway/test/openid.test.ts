import { userContracts } from '@vestibule/shared/contracts/user';
import t from 'tap';
import { bodyKinds } from './harness/client.ts';
import { startPlatform } from './harness/platform.ts';

const { client, parts } = await startPlatform(t, { environment: { LIMITS: 'off' } });

const profile = { phone: '12345678912', qq: '张三', cardno: '0111111111111', wxid: 'weixin_id123' };
const empty = { code: 0, msg: 'success', data: [] };

const post = async (operation: string, fields: object) =>
  (await client.post(`/service/user/${operation}`, fields)).body as {
    code: number;
    msg: string;
    data: unknown;
  };
const login = (openid: string, fields = {}) => post('login', { openid, ...profile, ...fields });

/** Changes the status of an openid's account, as an admin would. */
async function setStatus(openid: string, status: 'frozen' | 'deleted' | 'active') {
  const { data } = (await post('get', { openid })) as { data: { id: number } };
  const context = {
    requestId: 'a-request',
    deadline: parts.clock() + 60_000,
    caller: { accountId: 10_000_001, role: 'admin', status: 'active' } as const,
  };
  await parts.bus.call(userContracts.setStatus, { id: data.id, status }, context);
}

for (const kind of bodyKinds) {
  for (const slash of ['', '/']) {
    t.test(`all operations answer as documented, with ${kind} bodies at .../login${slash}`, async (t) => {
      const openid = `o-${kind}-${slash.length}`;
      const send = async (operation: string, fields: object) => {
        const answer = await client.post(
          `/service/user/${operation}${slash}`,
          { openid, ...fields },
          { kind },
        );
        t.equal(answer.status, 200);
        return answer.body as { code: number; msg: string; data: Record<string, unknown> };
      };
      t.match(await send('loginByOpenid', {}), { code: -2 });
      t.match(await send('get', {}), { code: -4 });

      const registered = await send('login', profile);
      const { id, created_at, modified_at } = registered.data;
      t.strictSame(registered, {
        code: 0,
        msg: 'success',
        data: { id, openid, ...profile, created_at, modified_at },
      });
      t.strictSame(Object.keys(registered), ['code', 'msg', 'data']);
      t.strictSame(Object.keys(registered.data), [
        'id',
        'openid',
        'phone',
        'qq',
        'cardno',
        'wxid',
        'created_at',
        'modified_at',
      ]);
      t.match(id, Number);
      t.equal(created_at, '2027-01-15 16:00:00', 'the time in Shanghai');

      t.strictSame(await send('login', { ...profile, phone: '13333333333' }), registered, 'unchanged');
      t.strictSame(await send('loginByOpenid', {}), registered);
      t.strictSame(await send('get', {}), registered);

      t.strictSame(await send('update', { update: '{"phone":"13333333333"}' }), empty);
      t.strictSame(await send('update', { update: { qq: '李四', wxid: '' } }), empty);
      t.match(await send('get', {}), {
        data: { phone: '13333333333', qq: '李四', cardno: '0111111111111', wxid: '' },
      });

      t.strictSame(await send('getHistory', {}), empty);
      t.strictSame(await send('addHistory', { hist: '123' }), { code: 0, msg: 'success', data: ['123'] });
      t.strictSame(await send('addHistory', { hist: '漢' }), {
        code: 0,
        msg: 'success',
        data: ['漢', '123'],
      });
      t.strictSame(await send('addHistory', { hist: '123' }), {
        code: 0,
        msg: 'success',
        data: ['123', '漢'],
      });
      t.strictSame(await send('getHistory', {}), { code: 0, msg: 'success', data: ['123', '漢'] });
      t.strictSame(await send('cleanHistory', {}), empty);
      t.strictSame(await send('getHistory', {}), empty);
    });
  }
}

t.test('login takes a profile without wxid, and numbers as their text', async (t) => {
  const fields = { openid: 'o-numbers', phone: 12345678912, qq: 10001, cardno: 111 };
  t.match(await post('login', fields), {
    code: 0,
    data: { phone: '12345678912', qq: '10001', cardno: '111', wxid: '' },
  });
});

t.test('parameters that break their rules answer -1, and name the field', async (t) => {
  await login('o-rules');
  const bad: [operation: string, field: string, fields: object][] = [
    ['login', 'openid', { ...profile }],
    ['login', 'openid', { ...profile, openid: '' }],
    ['login', 'openid', { ...profile, openid: 'a b' }],
    ['login', 'openid', { ...profile, openid: 'o'.repeat(129) }],
    ['login', 'openid', { ...profile, openid: ['o-rules'] }],
    ['login', 'phone', { ...profile, openid: 'o', phone: undefined }],
    ['login', 'phone', { ...profile, openid: 'o', phone: '1234' }],
    ['login', 'phone', { ...profile, openid: 'o', phone: '123456789012345678901' }],
    ['login', 'phone', { ...profile, openid: 'o', phone: '12345x' }],
    ['login', 'qq', { ...profile, openid: 'o', qq: undefined }],
    ['login', 'qq', { ...profile, openid: 'o', qq: '漢'.repeat(51) }],
    ['login', 'cardno', { ...profile, openid: 'o', cardno: '' }],
    ['login', 'wxid', { ...profile, openid: 'o', wxid: 'a\u0000b' }],
    ['getOpenid', 'js_code', {}],
    ['getOpenid', 'js_code', { js_code: 'a'.repeat(257) }],
    ['loginByOpenid', 'openid', {}],
    ['get', 'openid', { openid: null }],
    ['update', 'openid', { update: '{}' }],
    ['update', 'update', { openid: 'o-rules' }],
    ['addHistory', 'hist', { openid: 'o-rules' }],
    ['addHistory', 'hist', { openid: 'o-rules', hist: '' }],
    ['addHistory', 'hist', { openid: 'o-rules', hist: '漢'.repeat(201) }],
    ['addHistory', 'hist', { openid: 'o-rules', hist: { text: '123' } }],
    ['getHistory', 'openid', {}],
    ['cleanHistory', 'openid', {}],
  ];
  for (const [operation, field, fields] of bad) {
    const answer = await client.post(`/service/user/${operation}`, fields);
    t.equal(answer.status, 200);
    t.strictSame(
      answer.body,
      { code: -1, msg: `提交的参数非法：${field}`, data: [] },
      `${operation} ${field}`,
    );
  }
});

t.test('phones are 5 to 20 of digits, plus, minus and space', async (t) => {
  for (const [index, phone] of ['12345', '+86 010-12345678901', '12345678901234567890'].entries()) {
    t.match(await login(`o-phone-${index}`, { phone }), { code: 0, data: { phone } });
  }
});

t.test('an entry of 200 characters is kept, whatever its script', async (t) => {
  await login('o-long');
  const hist = '🙂'.repeat(200);
  t.strictSame(await post('addHistory', { openid: 'o-long', hist }), {
    code: 0,
    msg: 'success',
    data: [hist],
  });
});

t.test('update', async (t) => {
  const openid = 'o-update';
  await login(openid);
  const update = async (value: unknown) => (await post('update', { openid, update: value })).code;
  const get = async () => (await post('get', { openid })).data;
  const before = await get();

  t.test('what is not JSON answers -3', async (t) => {
    for (const text of ['', 'phone=1', '{"phone":', "{'phone':'13333333333'}"]) {
      t.strictSame(await post('update', { openid, update: text }), {
        code: -3,
        msg: 'update参数提交的不是有效的json格式',
        data: [],
      });
    }
  });

  t.test('JSON that is no object, or has wrong values, answers -4', async (t) => {
    const unfit = [
      '[]',
      '"text"',
      '5',
      'null',
      'true',
      [],
      5,
      true,
      { phone: 'x' },
      { phone: null },
      { qq: {} },
    ];
    for (const value of [...unfit, '{"wxid":["a"]}', { cardno: '漢'.repeat(51) }, '{"phone":""}']) {
      t.equal(await update(value), -4, JSON.stringify(value));
    }
    t.strictSame(await post('update', { openid, update: { phone: 'x' } }), {
      code: -4,
      msg: 'json处理错误：phone',
      data: [],
    });
  });

  t.test('nothing was changed by any of these', async (t) => t.strictSame(await get(), before));

  t.test('only phone, qq, cardno and wxid are written', async (t) => {
    const sent =
      '{"id":1,"openid":"o-other","role":"admin","status":"deleted","__proto__":{"qq":"x"},"qq":"6"}';
    t.equal(await update(sent), 0);
    t.match(await get(), { ...(before as object), qq: '6', modified_at: String });
    t.equal(await update({}), 0);
    t.equal(await update({ phone: 13333333333 }), 0);
    t.match(await get(), { phone: '13333333333', qq: '6' });
  });
});

t.test('an unknown openid is the "other" code of update and the history', async (t) => {
  const openid = 'o-nobody';
  t.strictSame(await post('update', { openid, update: {} }), { code: -2, msg: '用户不存在', data: [] });
  for (const operation of ['getHistory', 'cleanHistory', 'addHistory']) {
    t.match(await post(operation, { openid, hist: 'a' }), { code: -2, data: [] }, operation);
  }
});

t.test('a frozen or deleted account is the "other" code of each operation', async (t) => {
  for (const status of ['frozen', 'deleted'] as const) {
    const openid = `o-${status}`;
    await login(openid);
    await setStatus(openid, status);
    const codes: Record<string, number> = {};
    for (const operation of [
      'login',
      'loginByOpenid',
      'get',
      'update',
      'addHistory',
      'getHistory',
      'cleanHistory',
    ]) {
      const answer = await client.post(`/service/user/${operation}`, {
        openid,
        ...profile,
        update: '{}',
        hist: 'a',
      });
      t.equal(answer.status, 200);
      t.match(answer.body, { msg: '账户已被冻结或删除', data: [] });
      codes[operation] = (answer.body as { code: number }).code;
    }
    t.strictSame(codes, {
      login: -2,
      loginByOpenid: -3,
      get: -3,
      update: -2,
      addHistory: -2,
      getHistory: -2,
      cleanHistory: -2,
    });
  }
});

t.test('who registers here gets the role normal and nothing else', async (t) => {
  const { data } = (await login('o-role', { role: 'admin', status: 'frozen', id: 1 })) as {
    data: { id: number };
  };
  const context = { requestId: 'a-request', deadline: parts.clock() + 60_000 };
  t.match(await parts.bus.call(userContracts.get, { id: data.id }, context), {
    role: 'normal',
    status: 'active',
  });
});

t.test('a hundred logins of one openid at once make one user', async (t) => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => login('o-racing')));
  t.equal(new Set(answers.map(({ data }) => (data as { id: number }).id)).size, 1);
});

t.test('answers are not cached', async (t) => {
  const { headers } = await client.post('/service/user/get', { openid: 'o-update' });
  t.equal(headers['cache-control'], 'no-store');
});
