import type { Test } from 'tap';
import { type Manner, send } from './send.ts';

const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

/** Every request of the openid document, as written there, against a platform at `gateway`. */
export async function replayOpenid(t: Test, gateway: string, manner: Manner): Promise<void> {
  const openid = `o-${manner.body}-${manner.slash}-${Date.now()}`;
  const post = (operation: string, fields: Record<string, string>) =>
    send(`${gateway}/service/user/${operation}`, manner, fields);
  const ok = (data: unknown) => ({ status: 200, body: { code: 0, msg: 'success', data } });
  /** The words of a failure are the platform's own; its code is the document's. */
  const fails = async (what: string, operation: string, fields: Record<string, string>, code: number) => {
    const { status, body } = await post(operation, fields);
    t.equal(status, 200, what);
    t.match(body, { code, msg: /./ }, what);
  };
  const fields = { openid, phone: '12345678912', qq: '张三', cardno: '0111111111111', wxid: 'weixin_id123' };

  await fails('loginByOpenid before login', 'loginByOpenid', { openid }, -2);
  await fails('get before login', 'get', { openid }, -4);
  await fails('login without a phone', 'login', { openid, qq: '张三', cardno: '0111111111111' }, -1);

  const login = await post('login', fields);
  const { data: user } = login.body as { data: { id: number; created_at: string; modified_at: string } };
  t.type(user.id, 'number');
  t.match(user.created_at, time);
  t.match(user.modified_at, time);
  const { id, created_at, modified_at } = user;
  t.strictSame(login, ok({ id, ...fields, created_at, modified_at }), 'login');
  t.strictSame(
    await post('login', { ...fields, phone: '13333333333' }),
    login,
    'login again changes nothing',
  );
  t.strictSame(await post('loginByOpenid', { openid }), login, 'loginByOpenid');
  t.strictSame(await post('get', { openid }), login, 'get');
  await fails('loginByOpenid without an openid', 'loginByOpenid', {}, -1);
  await fails('get without an openid', 'get', {}, -1);

  t.strictSame(
    await post('getOpenid', { js_code: 'dev:zhangsan' }),
    ok({ openid: 'dev-zhangsan' }),
    'getOpenid',
  );
  await fails('getOpenid with a code that WeChat refuses', 'getOpenid', { js_code: 'made-up' }, -2);

  t.strictSame(await post('update', { openid, update: '{"phone":"13333333333"}' }), ok([]), 'update');
  t.match((await post('get', { openid })).body, { data: { ...fields, phone: '13333333333' } });
  await fails('update without an openid', 'update', { update: '{}' }, -1);
  await fails('update of nobody', 'update', { openid: `${openid}-x`, update: '{"qq":"1"}' }, -2);
  await fails('update with what is no JSON', 'update', { openid, update: '{phone' }, -3);
  await fails('update with a number', 'update', { openid, update: '{"phone":[1]}' }, -4);

  t.strictSame(await post('getHistory', { openid }), ok([]), 'getHistory of a new user');
  t.strictSame(await post('addHistory', { openid, hist: '123' }), ok(['123']), 'addHistory');
  t.strictSame(
    await post('addHistory', { openid, hist: '书' }),
    ok(['书', '123']),
    'addHistory, newest first',
  );
  t.strictSame(await post('getHistory', { openid }), ok(['书', '123']), 'getHistory');
  t.strictSame(await post('cleanHistory', { openid }), ok([]), 'cleanHistory');
  t.strictSame(await post('getHistory', { openid }), ok([]), 'getHistory after cleanHistory');
}
