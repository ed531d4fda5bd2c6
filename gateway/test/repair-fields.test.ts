import t from 'tap';
import { bad, startRepair, wechatUser } from './harness/repair.ts';

const services = {
  auth: { registerByWechat: async () => ({ user: wechatUser(), token: 'a-token' }) },
  user: { updateWechatUser: async () => wechatUser() },
};

t.test('unknown fields are ignored, whatever they are called', async (t) => {
  const { post, calls } = await startRepair(t, { services });
  const more = { id: 1, status: 'frozen', openid: 'o', level: 9, __proto__: { name: 'x' } };
  await post('/api/user', { action: 'update', userinfo: { name: 'a', role: 'admin', ...more }, ...more });
  await post('/api/user', { action: 'update', userinfo: '{"__proto__":{"role":"admin"},"role":5}' });
  t.strictSame(calls(), [
    ['user.update-wechat-user', { id: 51_923_482, profile: { name: 'a' } }],
    ['user.update-wechat-user', { id: 51_923_482, profile: {} }],
  ]);
});

t.test('what WeChat knows a user by is not kept of what a client sends', async (t) => {
  const { post, calls } = await startRepair(t, { services });
  const sent = { openId: 'o', unionId: 'u', watermark: { appid: 'a' }, OPENID: 'o', nickName: '张三' };
  await post('/api/user', { action: 'update', wx_userinfo: sent });
  t.match(calls(), [['user.update-wechat-user', { wxUserinfo: { nickName: '张三' } }]]);
  t.notMatch(JSON.stringify(calls()), /openid|unionid|watermark/i);
});

t.test('parameters that break their rules answer -1 and name the field', async (t) => {
  const register = (fields: object) => ({ action: 'register', code: 'a-code', ...fields });
  const about = (field: string, value: unknown) => register({ userinfo: { [field]: value } });
  const nested = (depth: number): object => (depth === 0 ? {} : { of: nested(depth - 1) });
  const rows: [path: string, field: string, fields: object, msg?: string][] = [
    ['/api/user', 'action', {}],
    ['/api/user', 'action', { action: 'remove', code: 'a-code' }],
    ['/api/user', 'action', { action: 'toString', code: 'a-code' }],
    ['/api/user', 'action', { action: ['register'], code: 'a-code' }],
    ['/api/user', 'code', { action: 'register' }],
    ['/api/user', 'code', { action: 'register', code: '' }],
    ['/api/user', 'code', { action: 'register', code: 'a'.repeat(257) }],
    ['/api/user', 'code', { action: 'register', code: {} }],
    ['/api/user', 'userinfo', register({ userinfo: [] })],
    ['/api/user', 'userinfo', register({ userinfo: 5 })],
    ['/api/user', 'userinfo', register({ userinfo: '"text"' })],
    ['/api/user', 'userinfo', register({ userinfo: '{name:' }), '参数不是有效的JSON：userinfo'],
    ['/api/user', 'userinfo.name', about('name', '漢'.repeat(51))],
    ['/api/user', 'userinfo.name', about('name', {})],
    ['/api/user', 'userinfo.name', about('name', 'a\u0000b')],
    ['/api/user', 'userinfo.name', about('name', '\ud800')],
    ['/api/user', 'userinfo.phone', about('phone', '1234')],
    ['/api/user', 'userinfo.phone', about('phone', '123456789012345678901')],
    ['/api/user', 'userinfo.phone', about('phone', '12345x')],
    ['/api/user', 'userinfo.address', about('address', '漢'.repeat(201))],
    ['/api/user', 'userinfo.company', about('company', '漢'.repeat(101))],
    ['/api/user', 'userinfo.age', about('age', 151)],
    ['/api/user', 'userinfo.age', about('age', -1)],
    ['/api/user', 'userinfo.age', about('age', 3.5)],
    ['/api/user', 'userinfo.age', about('age', '035')],
    ['/api/user', 'userinfo.age', about('age', true)],
    ['/api/user', 'userinfo.email', about('email', 'zhangsan')],
    ['/api/user', 'userinfo.email', about('email', 'zhang san@example.com')],
    ['/api/user', 'userinfo.email', about('email', 'a@b@c')],
    ['/api/user', 'userinfo.email', about('email', `a@${'b'.repeat(253)}`)],
    ['/api/user', 'userinfo.role', about('role', 'donor')],
    ['/api/user', 'userinfo.role', about('role', 'Admin')],
    ['/api/user', 'wx_userinfo', register({ wx_userinfo: 'null' })],
    ['/api/user', 'wx_userinfo', register({ wx_userinfo: { of: 'a'.repeat(8193 - '{"of":""}'.length) } })],
    ['/api/user', 'wx_userinfo.a.0.b', register({ wx_userinfo: { a: [{ b: '\udc00' }] } })],
    ['/api/user', 'wx_userinfo.a', register({ wx_userinfo: { a: { '\u0000': 1 } } })],
    ['/api/user', `wx_userinfo${'.of'.repeat(20)}`, register({ wx_userinfo: nested(21) })],
    ['/api/user', 'userinfo.age', { action: 'update', userinfo: { age: 200 } }],
    ['/api/login', 'code', {}],
    ['/api/login', 'code', { code: '' }],
    ['/api/login', 'iv', { code: 'a-code', encryptedData: 'ZGF0YQ==' }],
    ['/api/login', 'iv', { code: 'a-code', encryptedData: 'ZGF0YQ==', iv: '' }],
    ['/api/login', 'encryptedData', { code: 'a-code', iv: 'aXY=' }],
    ['/api/login', 'iv', { code: 'a-code', encryptedData: 'ZGF0YQ==', iv: 'a'.repeat(65) }],
  ];
  const { post, calls } = await startRepair(t, { services });
  for (const [path, field, fields, msg = `参数错误：${field}`] of rows) {
    const { status, body } = await post(path, fields);
    t.equal(status, 200);
    t.strictSame(body, bad(-1, msg), JSON.stringify(fields).slice(0, 80));
  }
  t.strictSame(calls(), [], 'no service was asked');
});

t.test('the longest and the smallest of each field is taken', async (t) => {
  const { post, calls } = await startRepair(t, { services });
  const whole = {
    name: '🙂'.repeat(50),
    phone: '12345678901234567890',
    address: '漢'.repeat(200),
    company: '漢'.repeat(100),
    age: '150',
    email: `a@${'b'.repeat(252)}`,
  };
  const wx = { of: 'a'.repeat(8192 - '{"of":""}'.length) };
  t.match((await post('/api/user', { action: 'update', userinfo: whole, wx_userinfo: wx })).body, {
    code: 0,
  });
  const least = { name: '', phone: '12345', address: '', company: '', age: 0, email: '' };
  t.match((await post('/api/user', { action: 'update', userinfo: least })).body, { code: 0 });
  t.match(calls(), [
    ['user.update-wechat-user', { profile: { ...whole, age: 150 }, wxUserinfo: wx }],
    ['user.update-wechat-user', { profile: { ...least, age: 0 } }],
  ]);
});
