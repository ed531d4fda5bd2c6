import type { ReplayClient, Sent } from './client.ts';

const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const done = (data: unknown) => ({ code: 0, msg: 'success', data });
/** The document leaves the words to the server. */
const failed = (code: number) => ({ code, msg: /\S/, data: {} });
const form = { title: '空调不制冷', description: '开机后一直吹热风', location: '3号楼201' };

type Step = { id: number; tasks: { id: number }[] };
/** From outside: `ask` has compared it. */
const stepOf = ({ body }: { body: unknown }): Step => (body as { data: Step }).data;
const newestTask = ({ tasks }: Step): string => String(tasks.at(-1)?.id);

/** The requests of the repair document, and what it takes to finish a repair request. */
export async function replayRepair({ ask, expect, read }: ReplayClient, mark: string): Promise<void> {
  const code = (who: string) => `dev:${mark}-${who}`;
  const person = (who: string, role: string, wx_userinfo: unknown = {}) => ({
    id: Number,
    name: who,
    phone: '',
    address: '',
    company: '',
    age: null,
    email: '',
    role,
    wx_userinfo,
    created_at: time,
    modified_at: time,
  });
  const register = async (who: string, role: string, sent: Sent = {}, wx: unknown = {}) =>
    expect(
      '/auth/user',
      { action: 'register', code: code(who), userinfo: { name: who, role }, ...sent },
      done({ token: /^\S{16,}$/, user: person(who, role, wx) }),
    );

  const wx_userinfo = { nickName: '张三', avatarUrl: 'https://thirdwx.qlogo.cn/mmopen/132', gender: 1 };
  const { token = '' } = await register('zhangsan1', 'normal', { wx_userinfo }, wx_userinfo);
  const { token: worker = '' } = await register('lisi', 'repair');
  const { token: late = '' } = await register('wangwu', 'repair');
  await expect('/api/user', { action: 'register', code: code('zhangsan1') }, failed(-7));
  await expect('/api/user', { action: 'register' }, failed(-1));
  await expect('/api/user', { action: 'remove', code: code('zhangsan1') }, failed(-1));
  await expect('/api/user', { action: 'register', code: 'nonsense' }, failed(-3));

  const login = (fields: Sent, expected: unknown) => expect('/auth/login', fields, expected);
  const user = person('zhangsan1', 'normal', Object);
  await login({ code: code('zhangsan1') }, done({ token: /^\S{16,}$/, user }));
  const encrypted = await read('/dev/wechat/encrypt', `?name=${mark}-zhangsan1`);
  await login({ code: code('zhangsan1'), ...encrypted }, done({ token: /^\S{16,}$/, user }));
  await login({ code: code('lisi'), ...encrypted }, failed(-1));
  await login({ code: code('zhangsan1'), iv: encrypted.iv ?? '' }, failed(-1));
  await login({ code: code('nobody') }, failed(-4));
  await login({ code: 'nonsense' }, failed(-3));

  const current = (query: string, expected: unknown, status = 200, as = token) =>
    ask('/api/user', { method: 'GET', query, status, ...(as === '' ? {} : { token: as }) }, expected);
  const changed = { ...user, company: '后勤处', age: 35 };
  const userinfo = { company: '后勤处', age: 35, role: 'admin' };
  await expect('/api/user', { action: 'update', userinfo }, done(changed), token);
  await expect('/api/user', { action: 'update', code: code('zhangsan1'), userinfo: {} }, done(changed));
  await expect('/api/user', { action: 'update', userinfo: { age: 151 } }, failed(-1), token);
  await current('?view=get_curr_user_info', done(changed));
  await current('?view=all', failed(-1));
  await current('?view=get_curr_user_info', failed(-5), 401, '');

  const task = (name: string, status: string, assignee: unknown) => ({
    id: Number,
    name,
    status,
    candidate_role: name === 'repair' ? 'repair' : null,
    assignee,
    form_schema: Object,
    due_at: name === 'repair' ? time : null,
  });
  const named = (name: string) => ({ id: Number, name });
  const instance = (status: string, tasks: unknown[]) => ({
    id: Number,
    process_name: 'repair_apply',
    version: Number,
    status,
    form: { ...form, urgency: 'normal' },
    applicant: named('zhangsan1'),
    created_at: time,
    modified_at: time,
    tasks,
  });
  const create = { action: 'create', process_name: 'repair_apply', form };
  const started = instance('running', [task('repair', 'open', null)]);
  const at = (path: string, fields: Sent, expected: unknown, as = token, status = 200) =>
    ask(`/api/process/${path}`, { fields, token: as, status }, expected);
  await at('instance', { ...create, form: {} }, failed(-1));
  await at('instance', { ...create, process_name: 'of_nobody' }, failed(-1));
  const cancelled = stepOf(await at('instance', create, done(started)));
  const cancel = { action: 'cancel', id: String(cancelled.id) };
  await at('instance', cancel, done(instance('cancelled', [task('repair', 'cancelled', null)])));

  const applied = stepOf(await at('instance', create, done(started)));
  const claim = { action: 'claim', id: newestTask(applied) };
  await at('task', claim, done(task('repair', 'claimed', named('lisi'))), worker);
  await at('task', claim, failed(-7), late);
  await at('task', { ...claim, action: 'complete', form: { report: '已修好' } }, failed(-6), late, 403);
  const repaired = task('repair', 'completed', named('lisi'));
  const waiting = instance('running', [repaired, task('confirm', 'claimed', named('zhangsan1'))]);
  const reported = stepOf(
    await at('task', { ...claim, action: 'complete', form: { report: '已修好' } }, done(waiting), worker),
  );
  const confirm = { action: 'complete', id: newestTask(reported), form: { result: 'accepted' } };
  const confirmed = task('confirm', 'completed', named('zhangsan1'));
  await at('task', confirm, done(instance('completed', [repaired, confirmed])));
  const own = { total: 2, page: 1, per_page: 15, items: Array };
  await ask('/api/process/instance', { method: 'GET', token }, done(own));
  await ask(
    `/api/process/instance/${applied.id}/diagram`,
    { method: 'GET', query: '?format=svg', token },
    /^image\/svg\+xml/,
  );
}
