import { app, encrypt, type WeChatStub } from '../../services/auth/test/wechat-stub.ts';
import type { CanaryMaker } from './canaries.ts';

type Sending = { method?: string; token?: string; cookie?: string; file?: File; raw?: string };
type Answer = { status: number; body: unknown };

/** A grey PNG of 1 × 1 pixel. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);

/** What stands at a path of an answer, as text; an error when it is not there. */
function at(answer: Answer, path: string): string {
  let value = answer.body;
  for (const name of path.split('.')) value = Object(value)[name];
  if (value === undefined) throw new Error(`no ${path} in ${answer.status} ${JSON.stringify(answer.body)}`);
  return String(value);
}

/**
 * Clients of all documents that send canaries and keep those that they get: tokens, cookies, answers of captchas. A
 * good answer is insisted on where the next step needs it.
 */
export function canaryClients(
  { gateway, boundGateway }: { gateway: string; boundGateway: string },
  canaries: CanaryMaker,
  wechat: WeChatStub,
  /** Resolves with the code that was sent to a phone. */
  smsTo: (phone: string) => Promise<string>,
) {
  const { keep, password, code, text, openid, phone, sessionKey } = canaries;
  let tokens = 0;

  function bodyOf(fields: object | undefined, { file, raw }: Sending): Pick<RequestInit, 'body'> {
    if (raw !== undefined) return { body: raw };
    if (fields === undefined) return {};
    if (file === undefined) return { body: JSON.stringify(fields) };
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, String(value));
    form.append('avatar', file);
    return { body: form };
  }
  async function send(path: string, fields?: object, sending: Sending = {}, to = gateway): Promise<Answer> {
    const { method = 'POST', token, cookie, file } = sending;
    const headers = new Headers(file ? {} : { 'content-type': 'application/json' });
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    if (cookie !== undefined) headers.set('cookie', cookie);
    const signal = AbortSignal.timeout(30_000);
    const body = bodyOf(fields, sending);
    if (body.body === undefined) headers.delete('content-type');
    const response = await fetch(`${to}${path}`, { method, headers, signal, ...body });
    for (const set of response.headers.getSetCookie()) {
      const [, value = ''] = /^[^=]+=([^;]*)/.exec(set) ?? [];
      if (value !== '') keepToken(value);
    }
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const answer = { status: response.status, body: isJson ? await response.json() : null };
    const given = Object(Object(answer.body).data).token;
    if (typeof given === 'string') keepToken(given);
    return answer;
  }
  /** Whole, and the part that makes it good: a log may cut. */
  function keepToken(token: string): void {
    tokens += 1;
    keep('secrets', `token ${tokens}`, token);
    keep('secrets', `signature of token ${tokens}`, token.split('.').at(-1) ?? token);
  }
  const get = (path: string, token?: string) =>
    send(path, undefined, { method: 'GET', ...(token === undefined ? {} : { token }) });

  async function charity(): Promise<string> {
    const [right, fresh] = [password('charity'), password('charity new')];
    const names = { first_name: text('first name'), last_name: text('last name') };
    const registered = await send('/user/register', { ...names, role: '1', password: right });
    const id = at(registered, 'data.id');
    const adminAnswer = await send('/user/register', { ...names, role: '0', password: password('admin') });
    const admin = at(adminAnswer, 'data.token');
    const token = at(await send('/user/login', { id, password: right }), 'data.token');
    await send('/user/login', { id, password: password('charity wrong') });
    await send('/user/login', undefined, { raw: `{"id":"${id}","password":"${password('charity cut')}` });
    await send('/user/getuser', { id }, { token });
    await send('/user/search', { first_name: names.first_name }, { token: admin });
    await send('/user/permission', { id, role: '2' }, { token: admin });
    const changed = { first_name: text('first name new'), last_name: names.last_name };
    await send('/user/changeinformation', changed, { token });
    const change = { id, password: right, new_password: fresh };
    await send('/user/changepassword', { ...change, password: password('charity wrong old') });
    at(await send('/user/changepassword', change), 'code');
    at(await send('/user/login', { id, password: fresh }), 'data.token');
    await send('/user/getuser', { id }, { token });
    await send('/user/status', { id, status: '1' }, { token: admin });
    await get(`/nowhere/${token}?token=${token}`);
    return admin;
  }

  async function openids(): Promise<void> {
    const call = (operation: string, fields: object, sending?: Sending, to?: string) =>
      send(`/service/user/${operation}`, fields, sending, to);
    const claimed = openid('claimed');
    const profile = { phone: phone('of a profile', '13612345071'), qq: text('qq'), cardno: text('cardno') };
    at(await call('login', { openid: claimed, ...profile, wxid: text('wxid') }), 'data.id');
    for (const operation of ['login', 'loginByOpenid', 'get', 'getHistory', 'cleanHistory']) {
      await call(operation, { openid: claimed, ...profile });
    }
    await call('get', { openid: openid('unknown') });
    await call('update', {
      openid: claimed,
      update: { phone: phone('new', '13612345072'), wxid: text('new') },
    });
    await call('update', { openid: claimed, update: `{"wxid":"${text('cut')}` });
    await call('addHistory', { openid: claimed, hist: text('history') });
    await get(`/service/user/get?openid=${claimed}`);

    const session = { openid: openid('proved'), session_key: sessionKey('proved') };
    await call('getOpenid', { js_code: wechat.issue(code('unbound'), session) });
    const bound = await call(
      'getOpenid',
      { js_code: wechat.issue(code('bound'), session) },
      {},
      boundGateway,
    );
    const token = at(bound, 'data.token');
    const own = { openid: session.openid, ...profile };
    at(await call('login', own, { token }, boundGateway), 'data.id');
    at(await call('get', own, { token }, boundGateway), 'data.openid');
    await call('get', { openid: claimed }, { token }, boundGateway);
    await call('getOpenid', { js_code: code('refused') });
    await call('getOpenid', { js_code: keep('secrets', 'WeChat code unanswered', 'code-unanswered') });
  }

  async function accounts(admin: string): Promise<void> {
    const passwd = password('accounts');
    const fields = {
      nickname: text('nickname'),
      passwd,
      repasswd: passwd,
      name: text('name'),
      phone: phone('accounts', '13812345073'),
      position: text('position'),
      email: text('email'),
    };
    const file = new File([picture], 'me.png', { type: 'image/png' });
    const signUp = (given: object) => send('/signUp', given, { method: 'PUT', file });
    const id = at(await signUp(fields), 'data.id');
    await signUp(fields);
    await signUp({ ...fields, repasswd: password('accounts unequal') });
    const captcha = async (name: string) => {
      const captcha_id = at(await get('/captcha'), 'data.id');
      const shown = at(await get(`/dev/captcha/${captcha_id}`), 'answer');
      return { captcha_id, captcha_code: keep('secrets', `captcha accounts ${name}`, shown) };
    };
    const login = async (name: string, given: string) =>
      send('/login', { nickname: fields.nickname, passwd: given, ...(await captcha(name)) });
    const token = at(await login('right', passwd), 'data.token');
    await login('wrong', password('accounts wrong'));
    await captcha('left open');
    await get(`/user/${id}`, token);
    await send(`/user/${id}`, { name: text('name new') }, { method: 'PUT', token });
    await get('/list/user?page=1', admin);
    at(await send(`/audit/user/${id}`, {}, { method: 'PUT', token: admin }), 'cmd');
    await send(`/user/${id}`, undefined, { method: 'DELETE', token: admin });
  }

  async function medicine(): Promise<void> {
    const call = (path: string, fields?: object, sending?: Sending) =>
      send(`/api/1.0${path}`, fields, sending);
    const captcha = async (uuid: string) => {
      await call(`/imageCode?uuid=${uuid}`, undefined, { method: 'GET' });
      const shown = at(await get(`/dev/captcha/${uuid}`), 'answer');
      return { uuid, img_code_client: keep('secrets', `captcha ${uuid}`, shown) };
    };
    const mobile = phone('medicine', '13912345074');
    at(await call('/smsCode', { phone: mobile, ...(await captcha('right')) }), 're_code');
    const phone_code = keep('secrets', 'SMS code', await smsTo(mobile));
    const wrong = keep('secrets', 'SMS code wrong', phone_code === '417253' ? '417254' : '417253');
    await call('/smsCode', { phone: mobile, ...(await captcha('at-once')) });
    await call('/smsCode', { phone: phone('not sent', '13912345075'), ...(await captcha('not-sent')) });
    await captcha('left-open');
    const right = password('medicine');
    const form = { phone: mobile, phone_code, password: right, password2: right };
    await call('/register', { ...form, phone_code: wrong });
    await call('/register', { ...form, password2: password('medicine unequal') });
    at(await call('/register', form), 're_code');
    await call('/sessions', { phone: mobile, password: password('medicine wrong') });
    await call('/sessions', { phone: phone('unknown', '13912345076'), password: right });
    await call('/sessions', { phone: mobile, password: right });
    const cookie = `session=${[...canaries.canaries.secrets].findLast(([name]) => name.startsWith('token'))?.[1]}`;
    await call('/sessions', undefined, { method: 'DELETE', cookie });
  }

  async function repair(): Promise<void> {
    async function registered(who: string, role: string) {
      const session = { openid: openid(who), session_key: sessionKey(who) };
      const userinfo = { name: text(`name of ${who}`), role, phone: phone(who, `1371234508${who.length}`) };
      const more = { address: text(`address of ${who}`), company: text(`company of ${who}`) };
      const wx_userinfo = { nickName: text(`WeChat name of ${who}`) };
      const fields = { action: 'register', userinfo: { ...userinfo, ...more }, wx_userinfo };
      const js_code = wechat.issue(code(`register ${who}`), session);
      const token = at(await send('/auth/user', { ...fields, code: js_code }), 'data.token');
      return { token, session };
    }
    const { token, session } = await registered('applicant', 'normal');
    const { token: worker } = await registered('worker', 'repair');
    const profile = {
      openId: session.openid,
      nickName: text('WeChat name new'),
      watermark: { appid: app.appid, timestamp: Math.floor(Date.now() / 1000) },
    };
    const { data, iv } = encrypt(session.session_key, JSON.stringify(profile));
    const encryptedData = keep('secrets', 'encryptedData', data);
    const login = (name: string, fields: object) =>
      send('/auth/login', { code: wechat.issue(code(name), session), ...fields });
    at(await login('login', { encryptedData, iv }), 'data.token');
    await login('login with other data', { encryptedData: encrypt(sessionKey('other'), '{}').data, iv });
    await send('/api/user', { action: 'update', userinfo: { company: text('company new') } }, { token });
    await get('/api/user?view=get_curr_user_info', token);

    const form = {
      title: text('title'),
      description: text('description'),
      location: text('location'),
      device: text('device'),
      phone: phone('of a form', '13712345077'),
    };
    const create = { action: 'create', process_name: 'repair_apply', form };
    const started = await send('/api/process/instance', create, { token });
    await send('/api/process/instance', { ...create, form: { title: text('title alone') } }, { token });
    const task = (fields: object, by: string) => send('/api/process/task', fields, { token: by });
    const id = at(started, 'data.tasks.0.id');
    at(await task({ action: 'claim', id }, worker), 'data.id');
    await task({ action: 'comment', id, text: text('comment') }, worker);
    const reported = await task({ action: 'complete', id, form: { report: text('report') } }, worker);
    const confirm = { result: 'accepted', comment: text('confirmation') };
    await task({ action: 'complete', id: at(reported, 'data.tasks.1.id'), form: confirm }, token);
    await get(`/api/process/instance/${at(started, 'data.id')}`, token);
    await get('/api/user/export', token);
    at(await send('/api/user/close', { reason: text('reason') }, { token }), 'data.id');
  }

  return {
    /** All documents, one after the other. */
    async everything(): Promise<void> {
      const admin = await charity();
      await openids();
      await accounts(admin);
      await medicine();
      await repair();
      await get('/api/audit', admin);
      await get('/api/process/instance', admin);
    },
    /** Requests for a platform that something is missing of; `digits` are all but the last one of its phones. */
    async inNeed(what: string, digits: string): Promise<void> {
      const names = { first_name: text(`first name ${what}`), last_name: text(`last name ${what}`) };
      await send('/user/register', { ...names, role: '1', password: password(`register ${what}`) });
      await send('/user/login', { id: '10000001', password: password(`charity ${what}`) });
      const mobile = phone(what, `${digits}1`);
      await send('/api/1.0/sessions', { phone: mobile, password: password(`medicine ${what}`) });
      await send('/api/1.0/smsCode', { phone: mobile, uuid: 'left-open', img_code_client: 'AAAA' });
      const profile = { phone: phone(`of a profile ${what}`, `${digits}2`), qq: text(`qq ${what}`) };
      const claimed = openid(`claimed ${what}`);
      await send('/service/user/login', { openid: claimed, ...profile, cardno: text(`cardno ${what}`) });
      const session = { openid: openid(what), session_key: sessionKey(what) };
      const js_code = wechat.issue(code(what), session);
      await send('/auth/user', { action: 'register', code: js_code, userinfo: { name: text(what) } });
      await send('/auth/login', { code: js_code });
    },
  };
}
