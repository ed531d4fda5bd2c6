import t from 'tap';
import { password, register } from './harness/charity.ts';
import { bodyKinds } from './harness/client.ts';
import { startPlatform } from './harness/platform.ts';

const badRequest = { code: 400, msg: 'Bad request' };
const wrong = { code: 401, msg: 'Incorrect username or password' };
const abnormal = { code: 403, msg: 'Account status is abnormal' };
const loginAgain = { code: 401, msg: 'please login again' };
const done = { code: 200, msg: '', data: {} };

const { client } = await startPlatform(t);

for (const kind of bodyKinds) {
  for (const slash of ['', '/']) {
    t.test(`all operations answer as documented, with ${kind} bodies at .../register${slash}`, async (t) => {
      const post = async (path: string, fields: object, token?: string) => {
        const answer = await client.post(`/user/${path}${slash}`, fields, {
          kind,
          ...(token ? { token } : {}),
        });
        t.equal(answer.status, 200);
        return answer.body as { code: number; msg: string; data: Record<string, string> };
      };
      const names = { first_name: `Sara ${kind}${slash}`, last_name: 'Hammer' };
      const { data: donor, ...envelope } = await post('register', { ...names, role: '1', password });
      const { id = '', token = '' } = donor;
      t.same(envelope, { code: 200, msg: '' });
      t.match(id, /^[1-9]\d{7}$/);
      t.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
      t.strictSame(donor, { id, token, role: 'donor', ...names });
      t.strictSame(Object.keys(donor), ['id', 'token', 'role', 'first_name', 'last_name']);
      const { data: boss } = await post('register', { ...names, role: '0', password });
      t.equal(boss.role, 'administrator');
      const { data: helper } = await post('register', { ...names, role: '2', password });
      t.equal(helper.role, 'volunteer');

      const login = await post('login', { id, password });
      t.strictSame(login, { code: 200, msg: '', data: { token: login.data.token } });
      t.match(login.data.token, /^[\w-]+\.[\w-]+\.[\w-]+$/);

      t.strictSame(await post('getuser', { id }, token), {
        code: 200,
        msg: '',
        data: { id, ...names, role: 'donor', status: '0' },
      });
      t.strictSame(await post('permission', { id, role: '2' }, boss.token), done);
      t.equal((await post('getuser', { id }, boss.token)).data.role, 'volunteer');
      t.strictSame(
        await post('changeinformation', { first_name: 'Sinope', last_name: `Nanto ${kind}${slash}` }, token),
        done,
      );
      const found = await post('search', { last_name: `nanto ${kind}${slash}` }, boss.token);
      t.strictSame(found, { code: 200, msg: '', data: { id_list: [id] } });
      t.strictSame(await post('status', { id, status: '1' }, boss.token), done);
      t.equal((await post('getuser', { id }, boss.token)).data.status, '1');
      t.strictSame(await post('status', { id, status: '0' }, boss.token), done);
      t.strictSame(await post('changepassword', { id, password, new_password: 'poppy-0815' }), done);
      t.equal((await post('login', { id, password: 'poppy-0815' })).code, 200);
    });
  }
}

t.test('register', async (t) => {
  const good = { first_name: 'Sara', last_name: 'Hammer', role: '1', password };
  const bad: Record<string, object> = {
    'a missing first name': { ...good, first_name: undefined },
    'an empty last name': { ...good, last_name: '' },
    'a last name that is null': { ...good, last_name: null },
    'a name of 51 characters': { ...good, first_name: '漢'.repeat(51) },
    'a name with a NUL': { ...good, first_name: 'Sa\u0000ra' },
    'half a surrogate pair': { ...good, first_name: 'Sa\ud83dra' },
    'a name that is an object': { ...good, first_name: { text: 'Sara' } },
    'a role that is not in the document': { ...good, role: '3' },
    'a role by its name': { ...good, role: 'normal' },
    'no role': { ...good, role: undefined },
    'no password': { ...good, password: undefined },
    'an empty password': { ...good, password: '' },
    'a password of 129 characters': { ...good, password: 'a'.repeat(129) },
    'a password that is a list': { ...good, password: [password] },
    'nothing at all': {},
  };
  for (const [name, fields] of Object.entries(bad)) {
    t.test(`${name} is a bad request`, async (t) => {
      const { status, body } = await client.post('/user/register/', fields);
      t.equal(status, 200);
      t.strictSame(body, badRequest);
    });
  }

  t.test('names of 50 characters are kept, counted as readers do', async (t) => {
    const longest = { first_name: '🙂'.repeat(50), last_name: '漢'.repeat(50) };
    const { id, token } = await register(client, '1', longest);
    const { body } = await client.post('/user/getuser/', { id }, { token });
    t.match(body, { data: longest });
  });

  t.test('numbers are taken as their text', async (t) => {
    const fields = { first_name: 7, last_name: 'Hammer', role: 1, password: 12345678 };
    const { body } = await client.post('/user/register/', fields);
    t.match(body, { code: 200, data: { first_name: '7', role: 'donor' } });
    const { data } = body as { data: { id: string } };
    const login = await client.post('/user/login/', { id: Number(data.id), password: '12345678' });
    t.match(login.body, { code: 200 });
  });

  t.test('a number that is no sure text is a bad request', async (t) => {
    const payload = `{"first_name":"S","last_name":"H","role":"1","password":12345678901234567890}`;
    const { body } = await client.send('/user/register', payload, { 'content-type': 'application/json' });
    t.strictSame(body, badRequest);
  });

  t.test('fields that the document does not have change nothing', async (t) => {
    const { token, id } = await register(client, '1', { status: '2', id: '10000000', is_admin: true });
    t.match((await client.post('/user/getuser/', { id }, { token })).body, {
      data: { role: 'donor', status: '0' },
    });
  });
});

t.test('login', async (t) => {
  const { id, token } = await register(client, '1');
  const boss = await register(client, '0');
  const cases: Record<string, [object, object]> = {
    'a wrong password': [{ id, password: 'wrong' }, wrong],
    'an unknown id': [{ id: '99999999', password }, wrong],
    'an id that is none': [{ id: 'sara', password }, wrong],
    'an id with a sign': [{ id: `+${id}`, password }, wrong],
    'a missing id': [{ password }, badRequest],
    'a missing password': [{ id }, badRequest],
  };
  for (const [name, [fields, expected]] of Object.entries(cases)) {
    t.test(name, async (t) => t.strictSame((await client.post('/user/login/', fields)).body, expected));
  }

  t.test(
    'a frozen or deleted account with the right password answers 403, with a wrong one 401',
    async (t) => {
      for (const status of ['1', '2']) {
        await client.post('/user/status/', { id, status }, { token: boss.token });
        t.strictSame((await client.post('/user/login/', { id, password })).body, abnormal);
        t.strictSame((await client.post('/user/login/', { id, password: 'wrong' })).body, wrong);
        t.strictSame((await client.post('/user/getuser/', { id }, { token })).body, loginAgain);
      }
    },
  );

  t.test('the eleventh wrong password locks the account from there, for the right one too', async (t) => {
    const account = await register(client, '1');
    const address = '198.51.100.9';
    for (let guess = 0; guess < 10; guess += 1) {
      const fields = { id: account.id, password: `guess ${guess}` };
      t.strictSame((await client.post('/user/login/', fields, { address })).body, wrong);
    }
    const locked = await client.post('/user/login/', { id: account.id, password }, { address });
    t.equal(locked.status, 429);
    t.strictSame(locked.body, { code: 429, msg: 'Too many requests' });
    t.ok(Number(locked.headers['retry-after']) > 800);
    t.match(
      (await client.post('/user/login/', { id: account.id, password })).body,
      { code: 200 },
      'elsewhere',
    );
  });
});

t.test('changepassword', async (t) => {
  const boss = await register(client, '0');
  const { id, token } = await register(client, '1');
  const change = async (fields: object) =>
    (await client.post('/user/changepassword/', { id, password, new_password: 'poppy-0815', ...fields }))
      .body;
  t.strictSame(await change({ password: 'wrong' }), wrong);
  t.strictSame(await change({ id: '99999999' }), wrong);
  t.strictSame(await change({ new_password: undefined }), badRequest);
  t.strictSame(await change({ new_password: '' }), badRequest);
  t.strictSame(await change({}), done);
  t.strictSame((await client.post('/user/getuser/', { id }, { token })).body, loginAgain, 'sessions end');
  t.strictSame((await client.post('/user/login/', { id, password })).body, wrong);
  await client.post('/user/status/', { id, status: '1' }, { token: boss.token });
  t.strictSame(await change({ password: 'poppy-0815' }), abnormal);
});

t.test('changeinformation', async (t) => {
  const { token } = await register(client, '1');
  const change = async (fields: object, sent?: string) =>
    (await client.post('/user/changeinformation/', fields, sent ? { token: sent } : {})).body;
  t.strictSame(await change({ first_name: 'Sinope', last_name: 'Nanto' }), loginAgain);
  t.strictSame(await change({ first_name: 'Sinope', last_name: 'Nanto' }, 'nonsense'), loginAgain);
  t.strictSame(await change({}), loginAgain, 'the token before the fields');
  t.strictSame(await change({ first_name: 'Sinope' }, token), badRequest);
  t.strictSame(await change({ first_name: '', last_name: 'Nanto' }, token), badRequest);
});
