import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { charityClient } from './harness/charity-client.ts';
import { type Instance, type List, newestTask, type Task } from './harness/mini-program.ts';
import { startRepairPlatform } from './harness/repair-platform.ts';

const { url, somebody, pending, clock } = await startRepairPlatform(t);
const admin = await somebody('admin', 'admin');
const leak = { title: '水管漏水', description: '整夜滴水', location: '3号楼201' };
const refused = (code: number, msg: string, status = 200) => ({ status, code, msg, data: {} });

/** What a mini-program gets of WeChat beside its code. */
async function encrypted(name: string): Promise<{ encryptedData: string; iv: string }> {
  const answer = await fetch(`${url}/dev/wechat/encrypt?name=${name}`);
  return (await answer.json()) as { encryptedData: string; iv: string }; // from the stand-in
}

t.test('a login with encrypted data renews the WeChat profile, if they are of that user', async (t) => {
  const zhang = await somebody('zhang');
  const login = (fields: object) => zhang.post('/api/login/', { code: zhang.code, ...fields });
  clock.advance(1000);
  t.match(await login({}), { code: 0, data: { user: { wx_userinfo: { nickName: 'zhang' } } } });
  const { encryptedData, iv } = await encrypted('zhang');
  const { data, ...rest } = await login({ encryptedData, iv });
  t.match(rest, { status: 200, code: 0 });
  t.match(data, { token: String, user: { id: zhang.id, wx_userinfo: { city: 'Guangzhou' } } });
  t.notMatch(JSON.stringify(data), /openid|watermark|dev-zhang"/i);

  const invalid = refused(-1, '微信加密数据无效');
  t.strictSame(await login(await encrypted('li')), invalid, "another's");
  t.strictSame(await login({ encryptedData, iv: 'AAAAAAAAAAAAAAAAAAAAAA==' }), invalid);
  t.strictSame(await login({ encryptedData: 'nonsense', iv }), invalid);
  t.strictSame(await login({ encryptedData }), refused(-1, '参数错误：iv'));
  t.match(await zhang.get('/api/user?view=get_curr_user_info'), {
    data: { wx_userinfo: { city: 'Guangzhou' } },
  });
});

t.test('a profile is changed by its token, or by a fresh code alone', async (t) => {
  const li = await somebody('li');
  const change = (userinfo: object, fields: object = {}) =>
    li.post('/api/user', { action: 'update', userinfo, ...fields });
  t.match(await change({ age: '35', role: 'admin' }), {
    code: 0,
    data: { name: 'li', age: 35, role: 'normal' },
  });
  t.match(await change({ age: '', email: 'li@example.com' }, { code: li.code }), {
    code: 0,
    data: { age: null, email: 'li@example.com' },
  });
  t.strictSame(await change({}, { code: admin.code }), refused(-6, '没有权限', 403));
  t.strictSame(await change({}, { code: 'dev:nobody-yet' }), refused(-4, '用户未注册'));
  t.strictSame(await change({}, { code: 'nonsense' }), refused(-3, '微信不接受此code'));
  const body = new URLSearchParams({ action: 'update', code: li.code, userinfo: '{"company":"后勤处"}' });
  const answer = await fetch(`${url}/auth/user`, { method: 'POST', body });
  t.match(await answer.json(), { code: 0, data: { id: li.id, company: '后勤处', email: 'li@example.com' } });
});

t.test('who is frozen or deleted is told so, and stays registered', async (t) => {
  const charity = charityClient(url);
  const { token } = await charity.register('0');
  for (const [name, status] of [
    ['frozen', '1'],
    ['deleted', '2'],
  ] as const) {
    const user = await somebody(name);
    t.match(await charity.post('status', { id: String(user.id), status }, token), { code: 200 });
    t.strictSame(await user.login(), refused(-6, '账户已被冻结或删除'));
    t.strictSame(await user.get('/api/user?view=get_curr_user_info'), refused(-5, '请重新登录', 401));
    const again = { action: 'register', code: user.code };
    t.strictSame(await user.post('/auth/user', again), refused(-7, '用户已注册'));
  }
});

t.test("the wish to be deleted is an admin's to grant, and then the account is", async (t) => {
  const wang = await somebody('wang');
  const wished = await wang.post<Instance>('/api/user/close', { reason: '不再使用' });
  t.match(wished, {
    code: 0,
    data: { process_name: 'account_closure', status: 'running', form: { reason: '不再使用' } },
  });
  t.strictSame(await wang.post('/api/user/close', {}), refused(-7, '已有未结束的同类流程'));
  const { id } = newestTask(wished.data);
  const { data: inbox } = await admin.get<List<Task>>('/api/process/task');
  t.match(
    inbox.items.filter((task) => task.id === id),
    [{ candidate_role: 'admin', instance: { form: { reason: '不再使用' }, applicant: { name: 'wang' } } }],
  );
  t.match(await wang.claim(id), { status: 403, code: -6 });
  await admin.claim(id);
  t.match(await admin.complete(id, { result: 'approved' }), { code: 0 });
  await until('the account is deleted', async () => (await wang.login()).code === -6);
  t.strictSame(await wang.get('/api/user?view=get_curr_user_info'), refused(-5, '请重新登录', 401));
  await until('the process is finished', async () => {
    const { data } = await admin.look(wished.data.id);
    return data.status === 'completed';
  });
});

t.test('who waits for an audit reaches their own record alone', async (t) => {
  const waiting = await pending('waiting');
  const view = '/api/user?view=get_curr_user_info';
  t.match(await waiting.get(view), { code: 0, data: { id: waiting.id, wx_userinfo: {} } });
  const change = { action: 'update', userinfo: { name: '等待' } };
  t.match(await waiting.post('/api/user', change), { code: 0, data: { name: '等待' } });
  t.match(await waiting.get('/api/user/export'), {
    code: 0,
    data: { user: { status: 'pending' }, has_password: true },
  });
  const notYet = refused(-6, '账户正在等待审核', 403);
  t.strictSame(await waiting.apply(leak), notYet);
  t.strictSame(await waiting.inbox(), notYet);
  t.strictSame(await waiting.look(1), notYet);
  t.strictSame(await waiting.get('/api/audit'), refused(-6, '没有权限', 403));
  t.strictSame(await waiting.post('/api/user/close', {}), notYet);
});

t.test('an admin deploys a new version, and what runs stays on its own', async (t) => {
  const { data: before } = await admin.apply(leak);
  const definition = {
    name: 'lamp_check',
    title: '灯具检查',
    form: { type: 'object', properties: {} },
    start: { by: 'client' },
    first: 'look',
    steps: {
      look: {
        kind: 'task',
        title: '检查',
        form: {
          type: 'object',
          required: ['report'],
          properties: { report: { type: 'string', maxLength: 100 } },
        },
        candidateRole: 'repair',
        next: [{ to: 'done' }],
      },
      done: { kind: 'end', title: '完成', outcome: 'done' },
    },
  };
  const deploy = (changed: object) =>
    admin.post<{ version: number }>('/api/process/definition', { definition: { ...definition, ...changed } });
  t.match(await deploy({}), { code: 0, data: { name: 'lamp_check', version: 1 } });
  const start = { action: 'create', process_name: 'lamp_check', form: {} };
  const first = await admin.post<Instance>('/api/process/instance', start);
  t.match(await deploy({ title: '灯' }), { code: 0, data: { name: 'lamp_check', version: 2 } });
  t.match(await admin.post('/api/process/instance', start), { data: { version: 2 } });
  t.match(await admin.look(first.data.id), { data: { version: 1 } });
  t.match(await admin.look(before.id), { data: { process_name: 'repair_apply', version: 1 } });

  t.strictSame(await deploy({ first: 'gone' }), refused(-1, '流程定义无效：first（unknown-step）'));
  t.match(await admin.get('/api/process/definition'), {
    data: { items: [{}, {}, { name: 'lamp_check', title: '灯', version: 2 }, { name: 'repair_apply' }] },
  });
  t.match(await admin.get('/api/process/definition/lamp_check/diagram?version=1'), {
    data: { mermaid: /灯具检查/, svg: /^<svg/ },
  });
  t.strictSame(await admin.get('/api/process/definition/of_nobody/diagram'), refused(-1, '没有此流程'));
});

t.test('an export shows its owner all that is kept', async (t) => {
  const owner = await somebody('owner');
  const { data: applied } = await owner.apply(leak);
  const told = ['account.created', 'session.opened', 'process.started'];
  await until('the log has it', async () => {
    const { data } = await owner.get<{ audit: List<{ action: string }> }>('/api/user/export');
    const actions = data.audit.items.map(({ action }) => action);
    return told.every((action) => actions.includes(action));
  });
  const { status, data } = await owner.get<{ audit: List<{ action: string; own: boolean }> }>(
    '/api/user/export',
  );
  t.equal(status, 200);
  t.match(data, {
    user: { id: owner.id, name: 'owner', status: 'active', wx_userinfo: { nickName: 'owner' } },
    identities: [{ kind: 'wechat', value: 'dev-owner' }],
    has_password: false,
    avatar: null,
    searches: [],
    sessions: [{ ended_at: null }],
    processes: {
      total: 1,
      items: [{ id: applied.id, process_name: 'repair_apply', form: leak, acts: [{ action: 'started' }] }],
    },
  });
});

t.test('the audit log tells admins who did what', async (t) => {
  const early = await somebody('early');
  clock.advance(3_600_000);
  await early.post('/api/user', { action: 'update', userinfo: { name: 'later' } });
  type Entry = { action: string; actor_id: number | null; account_id: number | null; at: string };
  const ask = async (query: Record<string, string>) =>
    (await admin.get<List<Entry>>(`/api/audit?${new URLSearchParams(query)}`)).data;
  const account = String(early.id);
  await until('the log has it', async () => (await ask({ account })).total >= 3);
  t.strictSame((await ask({ account })).items.map(({ action }) => action).sort(), [
    'account.created',
    'account.profile-changed',
    'session.opened',
  ]);
  const [changed] = (await ask({ account, action: 'account.profile-changed' })).items;
  t.match(changed, {
    actor_id: early.id,
    account_id: early.id,
    address: '127.0.0.1',
    details: { fields: ['name'] },
  });
  const at = changed?.at ?? '';
  t.match(await ask({ account, from: at, to: at }), {
    total: 1,
    items: [{ action: 'account.profile-changed' }],
  });
  t.match(await early.get('/api/audit'), { status: 403, code: -6 });
});

t.test("where registration is closed, the roles are an admin's to give", async (t) => {
  const closed = await startRepairPlatform(t, { ADMIN_REGISTRATION: 'closed' });
  const normal = await closed.somebody('normal');
  for (const role of ['repair', 'admin']) {
    const register = { action: 'register', code: 'dev:new', userinfo: { role } };
    t.strictSame(await normal.post('/api/user', register), refused(-6, '没有权限', 403));
  }
  t.match(await normal.get('/api/user?view=get_curr_user_info'), { data: { role: 'normal' } });
});
