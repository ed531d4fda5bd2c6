import type { ReplayClient } from './client.ts';

const done = { code: 200, msg: '', data: {} };
const badRequest = { code: 400, msg: 'Bad request' };
const wrong = { code: 401, msg: 'Incorrect username or password' };
const abnormal = { code: 403, msg: 'Account status is abnormal' };
const loginAgain = { code: 401, msg: 'please login again' };
const notAllowed = { code: 401, msg: "you don't enough permissions" };
const targetUnknown = { code: 404, msg: 'The target user does not exist', data: {} };
const token = /^\S{16,}$/;
const id = /^\d{8,}$/;

const password = 'sesame-4711';
const nobody = '99999999999';

/** An account that must outlive the process. */
export type Kept = { id: string; token: string; adminToken: string };

/** The requests of the charity document, each with its good and its documented bad answers. */
export async function replayCharity({ expect }: ReplayClient, mark: string): Promise<Kept> {
  const register = (first_name: string, last_name: string, role: string, word: string) =>
    expect(
      '/user/register',
      { first_name, last_name, role, password },
      { code: 200, msg: '', data: { id, token, role: word, first_name, last_name } },
    );
  const sara = await register('Sara', `Hammer${mark}`, '1', 'donor');
  const sinope = await register('Sinope', `Nanto${mark}`, '0', 'administrator');
  const vera = await register('Vera', `Hammer${mark}`, '2', 'volunteer');
  const other = await register('Ada', `Nanto${mark}`, '0', 'administrator');
  await expect('/user/register', { first_name: 'Sara', last_name: 'Hammer', role: '1' }, badRequest);
  await expect(
    '/user/register',
    { first_name: 'Sara', last_name: 'Hammer', role: '3', password },
    badRequest,
  );

  const saraId = sara.id ?? '';
  const admin = sinope.token;
  const login = (password: string, expected: unknown) =>
    expect('/user/login', { id: saraId, password }, expected);
  const in_ = await login(password, { code: 200, msg: '', data: { token } });
  await login('wrong-4711', wrong);
  await expect('/user/login', { id: nobody, password }, wrong);

  const record = { id: saraId, first_name: 'Sara', last_name: `Hammer${mark}`, role: 'donor', status: '0' };
  const get = (id: string, data: object, by?: string) =>
    expect('/user/getuser', { id }, { code: 200, msg: '', data }, by);
  await get(saraId, record, admin);
  await get(saraId, record, in_.token);
  await get(
    sinope.id ?? '',
    { id: sinope.id, first_name: 'Sinope', last_name: `Nanto${mark}`, role: 'administrator', status: '0' },
    admin,
  );
  await expect('/user/getuser', { id: vera.id ?? '' }, notAllowed, in_.token);

  await expect('/user/permission', { id: saraId, role: '2' }, done, admin);
  await get(saraId, { ...record, role: 'volunteer' }, admin);
  await expect('/user/permission', { id: saraId, role: '1' }, done, admin);
  await expect('/user/permission', { id: saraId, role: '0' }, { ...notAllowed, data: {} }, vera.token);
  await expect('/user/permission', { id: other.id ?? '', role: '1' }, { ...notAllowed, data: {} }, admin);
  await expect('/user/permission', { id: nobody, role: '1' }, targetUnknown, admin);

  await expect(
    '/user/changeinformation',
    { first_name: 'Sarah', last_name: `Hummer${mark}` },
    done,
    in_.token,
  );
  await get(saraId, { ...record, first_name: 'Sarah', last_name: `Hummer${mark}` }, admin);
  await expect('/user/changeinformation', { first_name: 'A', last_name: 'B' }, loginAgain, 'x'.repeat(32));
  await expect(
    '/user/changeinformation',
    { first_name: 'Sara', last_name: `Hammer${mark}` },
    done,
    in_.token,
  );

  const ids = [saraId, vera.id ?? ''].sort((a, b) => Number(b) - Number(a));
  const found = (id_list: string[]) => ({ code: 200, msg: '', data: { id_list } });
  await expect('/user/search', { first_name: '', last_name: `Hammer${mark}`, role: '' }, found(ids), admin);
  await expect(
    '/user/search',
    { first_name: 'Vera', last_name: `Hammer${mark}` },
    found([vera.id ?? '']),
    admin,
  );
  await expect('/user/search', { last_name: `Hammer${mark}`, role: '1' }, found([saraId]), admin);
  await expect('/user/search', { first_name: 'Vera' }, notAllowed, in_.token);

  const freshPassword = 'poppy-0815';
  const change = (old: string, expected: unknown) =>
    expect('/user/changepassword', { id: saraId, password: old, new_password: freshPassword }, expected);
  await change('wrong-4711', wrong);
  await change(password, done);
  await expect('/user/changeinformation', { first_name: 'A', last_name: 'B' }, loginAgain, in_.token);
  await login(freshPassword, { code: 200, msg: '', data: { token } });

  await expect('/user/status', { id: saraId, status: '1' }, { ...notAllowed, data: {} }, vera.token);
  await expect('/user/status', { id: other.id ?? '', status: '1' }, { ...notAllowed, data: {} }, admin);
  await expect('/user/status', { id: nobody, status: '1' }, targetUnknown, admin);
  await expect('/user/status', { id: saraId, status: '1' }, done, admin);
  await login(freshPassword, abnormal);
  await change(freshPassword, abnormal);
  await get(saraId, { ...record, status: '1' }, admin);
  await expect('/user/status', { id: saraId, status: '0' }, done, admin);
  await login(freshPassword, { code: 200, msg: '', data: { token } });
  await expect('/user/status', { id: saraId, status: '2' }, done, admin);
  await login(freshPassword, abnormal);
  await expect('/user/status', { id: saraId, status: '0' }, targetUnknown, admin);
  return { id: vera.id ?? '', token: vera.token ?? '', adminToken: admin ?? '' };
}

/** What must be there again after the process was started anew. */
export async function replayKept({ expect }: ReplayClient, mark: string, kept: Kept): Promise<void> {
  const record = {
    id: kept.id,
    first_name: 'Vera',
    last_name: `Hammer${mark}`,
    role: 'volunteer',
    status: '0',
  };
  await expect('/user/login', { id: kept.id, password }, { code: 200, msg: '', data: { token } });
  for (const by of [kept.token, kept.adminToken]) {
    await expect('/user/getuser', { id: kept.id }, { code: 200, msg: '', data: record }, by);
  }
}
