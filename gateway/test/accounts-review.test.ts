import { verificationContracts } from '@vestibule/shared/contracts/verification';
import t from 'tap';
import { passwd, signUpFields, startAccounts } from './harness/accounts.ts';

const accounts = await startAccounts(t, { SIGNUP_RATE: '1000' });
const { client, signUp, signedUp, login } = accounts;
const boss = await accounts.admin();
type User = Awaited<ReturnType<typeof signedUp>>;

const put = async (url: string, token: string, fields: object = {}) =>
  client.post(url, fields, { token, method: 'PUT' });
const refused = (cmd: string, message: string) => ({ cmd, data: [], message, status: false });
const audited = async (): Promise<User> => {
  const user = await signedUp();
  await put(`/audit/user/${user.id}`, boss.token);
  return user;
};

t.test('who may do what', async (t) => {
  const [pending, active, target] = [await signedUp(), await audited(), await audited()];
  const frozen = await audited();
  await client.post('/user/status', { id: frozen.id, status: '1' }, { token: boss.token });
  const calls: Record<string, (id: number, token?: string) => Promise<{ status: number; body: unknown }>> = {
    'list/user': (_id, token) => client.ask('GET', '/list/user', token),
    'user/:id': (id, token) => client.ask('GET', `/user/${id}`, token),
    'user/:id/avatar': (id, token) => client.ask('GET', `/user/${id}/avatar`, token),
    'audit/user': (id, token) =>
      client.post(`/audit/user/${id}`, {}, { ...(token && { token }), method: 'PUT' }),
  };
  for (const [name, call] of Object.entries(calls)) {
    const cmd = name.replace(':id', String(target.id));
    for (const { token } of [pending, active]) {
      const { status, body } = await call(target.id, token);
      t.equal(status, 403, name);
      t.strictSame(body, refused(cmd, '没有权限'));
    }
    for (const token of [undefined, 'nonsense', frozen.token]) {
      const { status, body } = await call(target.id, token);
      t.equal(status, 401, name);
      t.strictSame(body, refused(cmd, '请重新登录'));
    }
  }
  for (const { token } of [pending, active]) {
    const { status, body } = await put(`/user/${target.id}`, token, { name: '测试用户' });
    t.equal(status, 403);
    t.strictSame(body, refused(`user/${target.id}`, '没有权限'));
    const removed = await client.ask('DELETE', `/user/${target.id}`, token);
    t.equal(removed.status, 403);
    t.strictSame(removed.body, refused(`user/${target.id}`, '没有权限'));
    t.equal((await client.ask('GET', '/user/99999999', token)).status, 403, 'whether it exists is not told');
  }
});

t.test('a user who waits reaches their own record', async (t) => {
  const { id, token } = await signedUp();
  t.match((await client.ask('GET', `/user/${id}`, token)).body, { status: true });
  t.match((await put(`/user/${id}`, token, { name: '另一个' })).body, { status: true });
  t.equal((await client.ask('GET', `/user/${id}/avatar`, token)).status, 200);
});

t.test('an administrator reads and changes every record', async (t) => {
  const { id, nickname } = await signedUp();
  t.match((await put(`/user/${id}`, boss.token, { email: 'new@abc.com' })).body, { status: true });
  t.match((await client.ask('GET', `/user/${id}`, boss.token)).body, {
    data: { nickname, email: 'new@abc.com' },
  });
});

t.test('an administrator who waits for an audit is none yet', async (t) => {
  const waiting = await signedUp();
  await client.post('/user/permission', { id: waiting.id, role: '0' }, { token: boss.token });
  const { id } = await signedUp();
  const list = await client.ask('GET', '/list/user', waiting.token);
  t.equal(list.status, 403);
  t.strictSame(list.body, refused('list/user', '账户正在等待审核'));
  t.strictSame(
    (await client.ask('GET', `/user/${id}`, waiting.token)).body,
    refused(`user/${id}`, '没有权限'),
  );
  t.match((await put(`/audit/user/${waiting.id}`, boss.token)).body, { status: true });
  t.equal((await client.ask('GET', `/user/${id}`, waiting.token)).status, 200, 'from the next call on');
  await client.ask('DELETE', `/user/${waiting.id}`, boss.token);
});

t.test('an audit lets one who waits in, once', async (t) => {
  const { id, nickname } = await signedUp();
  const url = `/audit/user/${id}`;
  t.strictSame((await put(url, boss.token)).body, {
    status: true,
    data: [],
    message: 'success',
    cmd: 'audit/user',
  });
  t.match((await login(nickname)).body, { data: { account_status: 1 } });
  const again = await put(url, boss.token);
  t.equal(again.status, 200);
  t.strictSame(again.body, refused('audit/user', '该用户不在等待审核'));
  for (const unknown of ['99999999', '57']) {
    t.strictSame((await put(`/audit/user/${unknown}`, boss.token)).body, refused('audit/user', '用户不存在'));
  }
});

t.test('a deleted user is gone, and their nickname stays taken', async (t) => {
  const { id, nickname, token } = await audited();
  const url = `/user/${id}`;
  t.strictSame((await client.ask('DELETE', url, boss.token)).body, {
    status: true,
    data: true,
    message: 'success',
    cmd: `user/${id}`,
  });
  t.equal((await client.ask('GET', url, token)).status, 401, 'the token dies at once');
  const unknown = refused(`user/${id}`, '用户不存在');
  t.strictSame((await client.ask('GET', url, boss.token)).body, unknown);
  t.strictSame((await client.ask('DELETE', url, boss.token)).body, unknown);
  t.strictSame((await put(url, boss.token, { name: '测试用户' })).body, unknown);
  t.match((await client.ask('GET', `${url}/avatar`, boss.token)).body, { message: '用户不存在' });
  t.strictSame((await put(`/audit${url}`, boss.token)).body, refused('audit/user', '用户不存在'));
  t.strictSame((await login(nickname)).body, refused('login', '账户已被冻结或删除'));
  t.strictSame((await signUp({ nickname })).body, refused('signUp', '用户名（nickname）已被使用'));
});

t.test('an administrator deletes neither themselves nor the last one', async (t) => {
  const own = await client.ask('DELETE', `/user/${boss.id}`, boss.token);
  t.equal(own.status, 403);
  t.strictSame(own.body, refused(`user/${boss.id}`, '不能删除自己的账户'));
  const other = await accounts.admin('admin-2');
  const answers = await Promise.all([
    client.ask('DELETE', `/user/${other.id}`, boss.token),
    client.ask('DELETE', `/user/${boss.id}`, other.token),
  ]);
  const [otherGone, bossGone] = answers.map(({ body }) => (body as { status: boolean }).status);
  t.not(otherGone, bossGone, 'of two who delete each other one stays');
  if (bossGone) boss.token = other.token;
});

t.test('the table of failures: HTTP status and envelope', async (t) => {
  const json = { 'content-type': 'application/json' };
  const method = { method: 'PUT' } as const;
  const send = (body: string, headers: Record<string, string>) =>
    client.send('/signUp', body, headers, method);
  const unreadable = await send('{', json);
  t.equal(unreadable.status, 400);
  t.strictSame(unreadable.body, refused('signUp', '请求内容无法解析'));
  const unsupported = await send('x', { 'content-type': 'text/plain' });
  t.equal(unsupported.status, 415);
  t.strictSame(unsupported.body, refused('signUp', '不支持的请求内容类型'));
  const large = await send(JSON.stringify({ a: 'x'.repeat(65_536) }), json);
  t.equal(large.status, 413);
  t.strictSame(large.body, refused('signUp', '请求内容过大'));

  const { id, token } = await signedUp();
  const foreign = await client.post(
    `/user/${id}`,
    {},
    {
      ...method,
      headers: { cookie: `session=${token}`, origin: 'https://evil.example' },
    },
  );
  t.equal(foreign.status, 403);
  t.strictSame(foreign.body, refused(`user/${id}`, '不允许的来源'));
  const unknown = await client.ask('GET', '/list/users', token);
  t.equal(unknown.status, 404);
  t.match(unknown.headers['content-type'], /^application\/problem\+json/);
});

t.test('the list of users', async (t) => {
  const fresh = await startAccounts(t, { SIGNUP_RATE: '1000' });
  const owner = await fresh.admin();
  const list = async (query = '') => {
    const { status, headers, body } = await fresh.client.ask('GET', `/list/user${query}`, owner.token);
    t.equal(status, 200);
    t.equal(headers['content-type'], 'application/json; charset=utf-8');
    const { data, ...envelope } = body as { data: { data: Record<string, unknown>[] } };
    const { data: rows, ...page } = data;
    return { envelope, page, rows };
  };
  t.match(await list(), {
    envelope: { status: true, message: 'success', cmd: 'list/user' },
    page: { total: 1, per_page: 15, current_page: 1, last_page: 1 },
    rows: [{ nickname: 'admin', name: '', phone: '', position: '', email: '', account_status: '已审核' }],
  });
  const ids: number[] = [];
  for (let one = 0; one < 50; one += 1) {
    fresh.clock.advance(60_000);
    ids.push(fresh.dataOf<{ id: number }>(await fresh.signUp()).id);
  }
  const [, second = 0, third = 0, fourth = 0] = ids;
  await fresh.client.ask('DELETE', `/user/${second}`, owner.token);
  await fresh.client.post(`/audit/user/${third}`, {}, { token: owner.token, method: 'PUT' });
  await fresh.client.post('/user/status', { id: fourth, status: '1' }, { token: owner.token });

  const first = await list('?page=1');
  t.strictSame(first.page, { total: 50, per_page: 15, current_page: 1, last_page: 4 });
  t.equal(first.rows.length, 15);
  const { nickname } = fresh.dataOf<{ nickname: string }>(
    await fresh.client.ask('GET', `/user/${ids.at(-1)}`, owner.token),
  );
  t.strictSame(first.rows[0], {
    email: 'abc@abc.com',
    id: ids.at(-1),
    name: '测试用户',
    nickname,
    phone: '13800138000',
    position: '职位1',
    account_status: '未审核',
    create_time: '2027-01-15 16:50',
  });
  t.strictSame((await list('?page=')).rows, first.rows);
  t.strictSame((await list()).rows, first.rows);
  const last = await list('?page=4');
  t.strictSame(last.page, { total: 50, per_page: 15, current_page: 4, last_page: 4 });
  const ends = last.rows.map(({ id, account_status }) => [id, account_status]);
  t.strictSame(ends.slice(-4), [
    [fourth, '已冻结'],
    [third, '已审核'],
    [ids[0], '未审核'],
    [owner.id, '已审核'],
  ]);
  t.strictSame(await list('?page=999999999'), {
    envelope: first.envelope,
    page: { total: 50, per_page: 15, current_page: 999_999_999, last_page: 4 },
    rows: [],
  });
});

t.test('a captcha of another document does not open a login', async (t) => {
  const { nickname } = { ...signUpFields() };
  await signUp({ nickname });
  const { bus, clock } = accounts.parts;
  const context = { requestId: 'a-request', deadline: clock() + 60_000 };
  const other = { scope: 'medicine', length: 5, address: '203.0.113.9' };
  const { id } = await bus.call(verificationContracts.newCaptcha, other, context);
  const { answer } = await bus.call(verificationContracts.revealCaptcha, { id }, context);
  const fields = { nickname, passwd, captcha_id: id, captcha_code: answer };
  t.strictSame((await client.post('/login', fields)).body, refused('login', '验证码已失效，请重新获取'));
});
