import type { Role } from '@vestibule/shared/contracts/account';
import { authContracts } from '@vestibule/shared/contracts/auth';
import t from 'tap';
import { password, register } from './harness/charity.ts';
import { startPlatform } from './harness/platform.ts';

const badRequest = { code: 400, msg: 'Bad request' };
const abnormal = { code: 403, msg: 'Account status is abnormal' };
const loginAgain = { code: 401, msg: 'please login again' };
const notEnough = { code: 401, msg: "you don't enough permissions" };
const unknown = { code: 404, msg: 'The target user does not exist' };
const done = { code: 200, msg: '', data: {} };

const { client, parts } = await startPlatform(t);

t.test('permission and status', async (t) => {
  const boss = await register(client, '0');
  const other = await register(client, '0');
  const donor = await register(client, '1');
  const change = { permission: { role: '2' }, status: { status: '1' } };

  for (const operation of ['permission', 'status'] as const) {
    const post = async (fields: object, token?: string) => {
      const sent = { ...change[operation], ...fields };
      return (await client.post(`/user/${operation}/`, sent, token ? { token } : {})).body;
    };
    t.test(`${operation} needs an admin, and never touches one`, async (t) => {
      t.strictSame(await post({ id: donor.id }, donor.token), { ...notEnough, data: {} });
      t.strictSame(await post({ id: other.id }, boss.token), { ...notEnough, data: {} });
      t.strictSame(await post({ id: boss.id }, boss.token), { ...notEnough, data: {} });
      t.strictSame(await post({ id: donor.id }), loginAgain);
      t.strictSame(await post({ id: donor.id }, 'nonsense'), loginAgain);
    });
    t.test(`${operation} of an account that is not there, or is deleted, answers 404`, async (t) => {
      const gone = await register(client, '1');
      await client.post('/user/status/', { id: gone.id, status: '2' }, { token: boss.token });
      for (const id of ['99999999', 'sara', '0', gone.id]) {
        t.strictSame(await post({ id }, boss.token), { ...unknown, data: {} });
      }
    });
    t.test(
      `${operation} looks at the right before the fields, and at the fields before the target`,
      async (t) => {
        t.strictSame(await post({ id: undefined }, donor.token), { ...notEnough, data: {} });
        t.strictSame(await post({ id: undefined }, boss.token), badRequest);
        t.strictSame(await post({ id: '99999999', role: '9', status: '9' }, boss.token), badRequest);
        t.strictSame(await post({ id: donor.id, role: '', status: '' }, boss.token), badRequest);
      },
    );
  }

  t.test('a role can be one that the document does not number', async (t) => {
    for (const role of ['normal', 'repair']) {
      t.strictSame(
        (await client.post('/user/permission/', { id: donor.id, role }, { token: boss.token })).body,
        done,
      );
      t.match((await client.post('/user/getuser/', { id: donor.id }, { token: donor.token })).body, {
        data: { role },
      });
    }
  });

  t.test('a changed role counts from the next call on', async (t) => {
    const account = await register(client, '1');
    const search = async () => (await client.post('/user/search/', {}, { token: account.token })).body;
    t.strictSame(await search(), notEnough);
    await client.post('/user/permission/', { id: account.id, role: '0' }, { token: boss.token });
    t.match(await search(), { code: 200 });
  });
});

t.test('search', async (t) => {
  const boss = await register(client, '0', { first_name: 'Ann', last_name: 'Sought' });
  const ids: string[] = [];
  for (const role of ['1', '2', '1'] as const) {
    ids.push((await register(client, role, { first_name: 'Bea', last_name: 'Sought' })).id);
  }
  const [one = '', two = '', three = ''] = ids;
  const falling = (list: string[]) => [...list].sort((a, b) => Number(b) - Number(a));
  const search = async (fields: object, token = boss.token) =>
    (await client.post('/user/search/', fields, { token })).body;
  const found = (list: string[]) => ({ code: 200, msg: '', data: { id_list: falling(list) } });

  t.strictSame(await search({ last_name: 'SOUGHT' }), found([boss.id, ...ids]));
  t.strictSame(await search({ last_name: 'sought', first_name: 'bea', role: '1' }), found([one, three]));
  t.strictSame(await search({ last_name: 'sought', first_name: '', role: '' }), found([boss.id, ...ids]));
  t.strictSame(await search({ last_name: 'sought', first_name: null, role: null }), found([boss.id, ...ids]));
  t.strictSame(await search({ last_name: 'sough' }), found([]));
  t.strictSame(await search({ last_name: 'sought', page: 2 }), found([]));
  t.strictSame(await search({ last_name: 'sought', page: '1' }), found([boss.id, ...ids]));
  t.strictSame(await search({ page: '0' }), badRequest);
  t.strictSame(await search({ page: '1000000000000' }), badRequest);
  t.strictSame(await search({ role: '7' }), badRequest);
  await client.post('/user/status/', { id: two, status: '2' }, { token: boss.token });
  t.strictSame(
    await search({ last_name: 'sought' }),
    found([boss.id, one, three]),
    'deleted ones are left out',
  );

  const all = await client.send('/user/search/', undefined, { token: boss.token });
  t.match(all.body, { code: 200, data: { id_list: Array } }, 'no body at all is no limit');
  const donor = await register(client, '1');
  t.strictSame(await search({}, donor.token), notEnough);
  t.strictSame((await client.post('/user/search/', {})).body, loginAgain);
});

t.test('getuser', async (t) => {
  const boss = await register(client, '0');
  const { id, token } = await register(client, '1');
  const get = async (fields: object, sent?: string) =>
    (await client.post('/user/getuser/', fields, sent ? { token: sent } : {})).body;
  t.match(await get({ id }, token), { code: 200, data: { id, status: '0' } });
  t.match(await get({ id: Number(id) }, token), { code: 200, data: { id } });
  t.strictSame(await get({ id: boss.id }, token), notEnough);
  t.strictSame(await get({ id: '99999999' }, token), notEnough, 'who may not ask is not told who exists');
  t.strictSame(await get({ id: '99999999' }, boss.token), unknown);
  t.strictSame(await get({ id: 'sara' }, boss.token), unknown);
  t.strictSame(await get({}, boss.token), badRequest);
  t.strictSame(await get({ id }), loginAgain);
  await client.post('/user/status/', { id, status: '2' }, { token: boss.token });
  t.match(await get({ id }, boss.token), { code: 200, data: { status: '2' } }, 'deleted: shown to admins');
});

t.test('a pending account', async (t) => {
  const boss = await register(client, '0');
  const context = { requestId: 'a-request', deadline: parts.clock() + 60_000 };
  const signUp = (role: Role) =>
    parts.bus.call(
      authContracts.register,
      { identities: [], password, role, status: 'pending', profile: {} },
      context,
    );
  const { account, token } = await signUp('normal');
  const id = String(account.id);
  const admin = await signUp('admin');

  t.match(
    (await client.post('/user/getuser/', { id }, { token })).body,
    { code: 200, data: { role: 'normal', status: '1' } },
    'reaches its own record, and shows as 1',
  );
  t.strictSame((await client.post('/user/getuser/', { id: boss.id }, { token })).body, notEnough);
  t.strictSame((await client.post('/user/search/', {}, { token: admin.token })).body, abnormal);
  t.strictSame((await client.post('/user/getuser/', { id }, { token: admin.token })).body, notEnough);
  t.strictSame((await client.post('/user/status/', { id, status: '0' }, { token: boss.token })).body, done);
  t.match(
    (await client.post('/user/getuser/', { id }, { token })).body,
    { data: { status: '0' } },
    'activated',
  );
});
