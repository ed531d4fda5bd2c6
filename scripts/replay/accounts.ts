import type { ReplayClient } from './client.ts';

/** A grey PNG of 1 × 1 pixel. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);
const passwd = 'sesame-4711';

/** The requests of the accounts document, each with its good answer and the commonest bad ones. */
export async function replayAccounts({ ask, expect, read }: ReplayClient, mark: string): Promise<void> {
  const good = (cmd: string, data: unknown, message = 'success') => ({ cmd, data, message, status: true });
  const bad = (cmd: string, message: RegExp) => ({ cmd, data: [], message, status: false });
  const nickname = `用户-${mark}`;
  const person = { name: '测试用户5', phone: '13800138000', position: '职位1', email: 'abc@abc.com' };
  const avatar = ['avatar', new File([picture], 'me.png', { type: 'image/png' })] as const;
  const signUp = (fields: Record<string, string>, expected: unknown) =>
    ask('/signUp', { method: 'PUT', fields, file: avatar }, expected);

  const fields = { nickname, passwd, repasswd: passwd, ...person };
  const { body } = await signUp(fields, good('signUp', { id: Number, account_status: 0 }, '注册成功'));
  const { id } = (body as { data: { id: number } }).data;
  await signUp(fields, bad('signUp', /nickname/));
  await signUp({ ...fields, repasswd: 'another-4711' }, bad('signUp', /repasswd/));

  const captcha = async () => {
    const shown = { id: /^\S{8,}$/, picture: /^data:image\/png;base64,iVBORw/ };
    const { body } = await ask('/captcha', { method: 'GET' }, good('captcha', shown));
    const captcha_id = (body as { data: { id: string } }).data.id;
    return { captcha_id, captcha_code: (await read(`/dev/captcha/${captcha_id}`)).answer ?? '' };
  };
  const loggedIn = { account_status: 0, id, nickname, token: /^\S{16,}$/, user_level: 0 };
  const login = { nickname, passwd, ...(await captcha()) };
  const { token = '' } = await expect('/login', login, good('login', loggedIn, '登录成功'));
  await expect('/login', login, bad('login', /\S/));
  await expect('/login', { ...login, ...(await captcha()), passwd: 'another-4711' }, bad('login', /\S/));

  const { token: admin = '' } = await expect(
    '/user/register',
    { first_name: 'Ada', last_name: mark, role: '0', password: passwd },
    {
      code: 200,
      msg: '',
      data: { id: /./, token: /./, role: 'administrator', first_name: 'Ada', last_name: mark },
    },
  );
  const list = { total: Number, per_page: 15, current_page: 1, last_page: Number, data: Array };
  await ask('/list/user', { method: 'GET', query: '?page=1', token: admin }, good('list/user', list));

  const own = `/user/${id}`;
  const record = { id, nickname, ...person };
  await ask(own, { method: 'GET', token }, good(`user/${id}`, record));
  await ask(`${own}/avatar`, { method: 'GET', token }, 'image/png');
  await ask(`/audit/user/${id}`, { method: 'PUT', fields: {}, token: admin }, good('audit/user', []));
  await ask(`/audit/user/${id}`, { method: 'PUT', fields: {}, token: admin }, bad('audit/user', /\S/));
  await ask(own, { method: 'PUT', fields: { name: '测试用户6' }, token }, good(`user/${id}`, []));
  await ask(own, { method: 'GET', token: admin }, good(`user/${id}`, { ...record, name: '测试用户6' }));
  await ask(own, { method: 'DELETE', token: admin }, good(`user/${id}`, true));
  await ask(own, { method: 'GET', token: admin }, bad(`user/${id}`, /\S/));
}
