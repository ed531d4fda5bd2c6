import type { Test } from 'tap';
import { type Manner, send } from './send.ts';

/** The data of an answer whose values only the platform knows. */
type Known = { data: { id: string; token: string } };

/** Every request of the charity document, as written there, against a platform at `gateway`. */
export async function replayCharity(t: Test, gateway: string, manner: Manner): Promise<void> {
  const post = (operation: string, fields: Record<string, string>, token?: string) =>
    send(`${gateway}/user/${operation}`, manner, fields, token === undefined ? {} : { token });
  const register = async (first_name: string, last_name: string, role: string) => {
    const { body } = await post('register', { first_name, last_name, role, password: 'sesame-4711' });
    return (body as Known).data;
  };
  const ok = (data: object) => ({ status: 200, body: { code: 200, msg: '', data } });

  const registered = await post('register', {
    first_name: 'Sara',
    last_name: 'Hammer',
    role: '1',
    password: 'sesame-4711',
  });
  const { id, token } = (registered.body as Known).data;
  t.match(id, /^\d{8}$/, 'an id of 8 digits');
  t.type(token, 'string');
  t.strictSame(
    registered,
    ok({ id, token, role: 'donor', first_name: 'Sara', last_name: 'Hammer' }),
    'register',
  );
  const incomplete = await post('register', { first_name: 'Sara', role: '1', password: 'sesame-4711' });
  t.strictSame(
    incomplete,
    { status: 200, body: { code: 400, msg: 'Bad request' } },
    'register without a name',
  );

  const login = await post('login', { id, password: 'sesame-4711' });
  t.strictSame(login, ok({ token: (login.body as Known).data.token }), 'login');
  const wrong = { status: 200, body: { code: 401, msg: 'Incorrect username or password' } };
  t.strictSame(await post('login', { id, password: 'another' }), wrong, 'login with a wrong password');

  const admin = await register('Ada', 'Admin', '0');
  const other = await register('Sinope', 'Nanto', '2');
  const notEnough = { status: 200, body: { code: 401, msg: "you don't enough permissions", data: {} } };
  const unknown = { status: 200, body: { code: 404, msg: 'The target user does not exist', data: {} } };
  t.strictSame(await post('permission', { id, role: '2' }, admin.token), ok({}), 'permission');
  t.strictSame(await post('permission', { id, role: '2' }, other.token), notEnough, 'permission by no admin');
  t.strictSame(await post('permission', { id: admin.id, role: '1' }, admin.token), notEnough, 'of an admin');
  t.strictSame(await post('permission', { id: '10', role: '1' }, admin.token), unknown, 'of nobody');

  t.strictSame(await post('status', { id: other.id, status: '1' }, admin.token), ok({}), 'status: frozen');
  const abnormal = { status: 200, body: { code: 403, msg: 'Account status is abnormal' } };
  t.strictSame(
    await post('login', { id: other.id, password: 'sesame-4711' }),
    abnormal,
    'login of a frozen one',
  );
  const change = { id: other.id, password: 'sesame-4711', new_password: 'poppy-0815' };
  t.strictSame(await post('changepassword', change), abnormal, 'changepassword of a frozen one');
  t.strictSame(await post('status', { id: other.id, status: '0' }, admin.token), ok({}), 'status: normal');
  t.strictSame(await post('status', { id: other.id, status: '2' }, token), notEnough, 'status by no admin');
  t.strictSame(await post('status', { id: admin.id, status: '2' }, admin.token), notEnough, 'of an admin');
  t.strictSame(await post('status', { id: '10', status: '1' }, admin.token), unknown, 'of nobody');

  t.strictSame(await post('changepassword', change), ok({}), 'changepassword');
  t.strictSame(await post('changepassword', change), wrong, 'changepassword with the old one');

  const names = { first_name: 'Sara', last_name: `Hammer ${id}` };
  t.strictSame(await post('changeinformation', names, token), ok({}), 'changeinformation');
  const again = { status: 200, body: { code: 401, msg: 'please login again' } };
  t.strictSame(
    await post('changeinformation', names, 'no-token'),
    again,
    'changeinformation with a bad token',
  );

  t.strictSame(
    await post('search', { first_name: '', last_name: names.last_name }, admin.token),
    ok({ id_list: [id] }),
    'search',
  );
  const refused = { status: 200, body: { code: 401, msg: "you don't enough permissions" } };
  t.strictSame(await post('search', { role: '1' }, token), refused, 'search by no admin');

  const record = { id, first_name: 'Sara', last_name: names.last_name, role: 'volunteer', status: '0' };
  t.strictSame(await post('getuser', { id }, token), ok(record), 'getuser');
  t.strictSame(await post('getuser', { id }, admin.token), ok(record), 'getuser by an admin');
  t.strictSame(await post('getuser', { id: admin.id }, token), refused, 'getuser of another');
  const administrator = { first_name: 'Ada', last_name: 'Admin', role: 'administrator', status: '0' };
  t.strictSame(await post('getuser', { id: admin.id }, admin.token), ok({ id: admin.id, ...administrator }));

  t.strictSame(await post('status', { id, status: '2' }, admin.token), ok({}), 'status: deleted');
  t.strictSame(await post('status', { id, status: '0' }, admin.token), unknown, 'status of a deleted one');
  t.strictSame(await post('getuser', { id }, token), again, 'the token of a deleted one');
}
