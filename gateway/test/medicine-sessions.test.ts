import { userContracts } from '@vestibule/shared/contracts/user';
import t from 'tap';
import { admin } from '../../services/auth/test/auth-service.ts';
import { phoneNumber } from '../../services/verification/test/verification-service.ts';
import { register as registerCharity } from './harness/charity.ts';
import { clientOf } from './harness/client.ts';
import { type Medicine, password, startMedicine } from './harness/medicine.ts';
import { startGateway } from './harness/platform.ts';

const loggedIn = { re_code: '0', msg: '登陆成功' };
const loggedOut = { re_code: '0', msg: '退出成功' };
const notLoggedIn = { re_code: '4101', msg: '用户未登录' };
const badParameter = { re_code: '4103', msg: '参数错误' };
const inactive = { re_code: '4104', msg: '用户不存在或未激活' };
const wrongPassword = { re_code: '4106', msg: '密码错误' };
const foreign = { re_code: '4201', msg: '非法请求或请求次数受限' };

const medicine = await startMedicine(t);
const { client, post, login, logout, cookieOf, register } = medicine;
const [phone, stranger] = [phoneNumber(1), phoneNumber(2)];
await register(phone);

async function setStatus(
  { parts, accountOf }: Medicine,
  phone: string,
  status: 'frozen' | 'deleted' | 'active',
) {
  const { id } = (await accountOf(phone)).account;
  const context = { requestId: 'a-request', deadline: parts.clock() + 10_000, caller: admin };
  await parts.bus.call(userContracts.setStatus, { id, status }, context);
}

t.test('a login', async (t) => {
  t.test('takes the phone as text or as a number', async (t) => {
    t.strictSame((await post('/sessions', { phone: Number(phone), password })).body, loggedIn);
  });

  t.test(
    'with a wrong password, or for a phone that nobody registered, has the wrong password',
    async (t) => {
      for (const answer of [await login(phone, 'wrong'), await login(stranger)]) {
        t.equal(answer.status, 200);
        t.strictSame(answer.body, wrongPassword);
        t.equal(answer.headers['set-cookie'], undefined);
      }
    },
  );

  const bad: Record<string, object> = {
    'without a phone': { password },
    'without a password': { phone },
    'with an empty password': { phone, password: '' },
    'with a password of 129 characters': { phone, password: 'a'.repeat(129) },
    'with a phone that is no mobile number': { phone: '12345678912', password },
  };
  for (const [name, fields] of Object.entries(bad)) {
    t.test(`${name} is a bad parameter`, async (t) => {
      t.strictSame((await post('/sessions', fields)).body, badParameter);
    });
  }

  t.test('to a frozen or deleted account is told so with the right password alone', async (t) => {
    const phone = phoneNumber(3);
    await register(phone);
    const cookie = await cookieOf(phone);
    for (const status of ['frozen', 'active', 'frozen', 'deleted'] as const) {
      await setStatus(medicine, phone, status);
      t.strictSame((await login(phone)).body, status === 'active' ? loggedIn : inactive, status);
      t.strictSame((await login(phone, 'wrong')).body, wrongPassword, status);
      t.strictSame((await logout({ cookie })).body, notLoggedIn, `${status}: the session stays dead`);
    }
  });

  t.test('from a foreign page is refused, and sets no cookie', async (t) => {
    const pages: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'https://localhost.evil.example', 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'http://localhost', 'sec-fetch-site': 'cross-site' },
    ];
    for (const page of pages) {
      for (const kind of ['json', 'form', 'multipart'] as const) {
        const headers = { host: 'localhost', ...page };
        const refused = await client.post('/api/1.0/sessions', { phone, password }, { kind, headers });
        t.equal(refused.status, 403);
        t.strictSame(refused.body, foreign);
        t.equal(refused.headers['set-cookie'], undefined);
      }
    }
  });

  t.test('from its own page, from one at its own site, and by no browser is a login', async (t) => {
    const clients: Record<string, string>[] = [
      {},
      { referer: 'https://servicewechat.com/wx1234567890/1/page-frame.html' },
      { 'user-agent': 'curl/8.5.0' },
      { origin: 'http://localhost' },
      { origin: 'http://localhost', 'sec-fetch-site': 'same-origin' },
      { origin: 'https://localhost', 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
    ];
    for (const sent of clients) {
      const headers = { host: 'localhost', ...sent };
      const answer = await client.post('/api/1.0/sessions', { phone, password }, { headers });
      t.strictSame(answer.body, loggedIn, JSON.stringify(sent));
    }
  });

  t.test('from a page of ALLOWED_ORIGINS is a login', async (t) => {
    const environment = { ALLOWED_ORIGINS: 'https://www.example.com' };
    const { post } = clientOf(await startGateway(t, medicine.parts, { environment }));
    const from = (origin: string) =>
      post('/api/1.0/sessions', { phone, password }, { headers: { host: 'localhost', origin } });
    t.strictSame((await from('https://www.example.com')).body, loggedIn);
    t.strictSame((await from('https://shop.example.com')).body, foreign);
  });

  t.test('is locked for its address after ten wrong passwords, and told when to come back', async (t) => {
    const phone = phoneNumber(4);
    await register(phone);
    const address = '198.51.100.9';
    for (let guess = 0; guess < 10; guess += 1) {
      t.strictSame((await login(phone, `guess ${guess}`, address)).body, wrongPassword);
    }
    const locked = await login(phone, password, address);
    t.equal(locked.status, 200);
    t.strictSame(locked.body, foreign);
    t.equal(locked.headers['retry-after'], '900');
    t.strictSame((await login(phone)).body, loggedIn, 'elsewhere');
  });
});

t.test(
  'REVEAL_UNKNOWN_ACCOUNTS=true tells a phone that nobody registered from a wrong password',
  async (t) => {
    const open = await startMedicine(t, { environment: { REVEAL_UNKNOWN_ACCOUNTS: 'true' } });
    await open.register(phone);
    t.strictSame((await open.login(stranger)).body, inactive);
    t.strictSame((await open.login(phone, 'wrong')).body, wrongPassword);
    t.strictSame((await open.login(phone)).body, loggedIn);
    await setStatus(open, phone, 'deleted');
    t.strictSame((await open.login(phone, 'wrong')).body, wrongPassword, 'a deleted one is known');
  },
);

t.test('an address over its limit of wrong passwords is told so', async (t) => {
  const { login } = await startMedicine(t, { environment: { GUESS_ADDRESS_LIMIT: '3' } });
  const address = '198.51.100.10';
  for (let index = 1; index <= 3; index += 1) {
    t.strictSame((await login(phoneNumber(100 + index), password, address)).body, wrongPassword);
  }
  const limited = await login(phoneNumber(104), password, address);
  t.equal(limited.status, 200);
  t.strictSame(limited.body, { re_code: '4202', msg: 'IP受限' });
  t.equal(limited.headers['retry-after'], '900');
  t.strictSame((await login(phoneNumber(104))).body, wrongPassword, 'elsewhere');
});

t.test('a logout', async (t) => {
  t.test('without a session, or with a cookie that is none, is of nobody', async (t) => {
    t.strictSame((await logout({})).body, notLoggedIn);
    t.strictSame((await logout({ cookie: 'session=nonsense' })).body, notLoggedIn);
    t.strictSame((await logout({ cookie: 'session=' })).body, notLoggedIn);
    t.strictSame((await logout({ 'content-type': 'application/json' })).body, notLoggedIn);
  });

  t.test('ends its own session and no other', async (t) => {
    const [cookie, other] = [await cookieOf(phone), await cookieOf(phone)];
    t.strictSame((await logout({ cookie, 'content-type': 'application/json' })).body, loggedOut);
    t.strictSame((await logout({ cookie })).body, notLoggedIn);
    t.strictSame((await logout({ cookie: other })).body, loggedOut);
  });

  t.test('takes the token in a header too', async (t) => {
    for (const name of ['token', 'authorization']) {
      const token = (await cookieOf(phone)).replace('session=', '');
      const headers = { [name]: name === 'token' ? token : `Bearer ${token}` };
      t.strictSame((await logout({ ...headers, origin: 'https://evil.example' })).body, loggedOut);
    }
  });

  const foreigners: Record<string, Record<string, string>> = {
    'a foreign origin': { origin: 'https://evil.example' },
    'a page without an origin': { origin: 'null' },
    'another site': { 'sec-fetch-site': 'cross-site' },
    'its own origin that is called another site': {
      origin: 'http://localhost',
      'sec-fetch-site': 'cross-site',
    },
  };
  for (const [name, headers] of Object.entries(foreigners)) {
    t.test(`with the cookie alone from ${name} is refused, and the session lives`, async (t) => {
      const cookie = await cookieOf(phone);
      const refused = await logout({ cookie, host: 'localhost', ...headers });
      t.equal(refused.status, 403);
      t.strictSame(refused.body, foreign);
      t.equal(refused.headers['set-cookie'], undefined);
      const own = { host: 'localhost', origin: 'http://localhost', 'sec-fetch-site': 'same-origin' };
      t.strictSame((await logout({ cookie, ...own })).body, loggedOut);
    });
  }
});

t.test('the cookie opens the other documents, and their tokens end here', async (t) => {
  const { id } = (await medicine.accountOf(phone)).account;
  const cookie = await cookieOf(phone);
  const own = await client.post('/user/getuser/', { id: String(id) }, { headers: { cookie } });
  t.match(own.body, { code: 200, data: { id: String(id), role: 'normal', status: '0' } });
  const donor = await registerCharity(client, '1');
  t.strictSame((await logout({ token: donor.token })).body, loggedOut);
  t.match((await client.post('/user/getuser/', { id: donor.id }, { token: donor.token })).body, {
    code: 401,
  });
});

t.test('in production the cookie is bound to its host and to TLS', async (t) => {
  const { parts } = medicine;
  const app = await startGateway(t, parts, { environment: { NODE_ENV: 'production' } });
  const safe = clientOf(app);
  const { headers } = await safe.post('/api/1.0/sessions', { phone, password });
  const set = String(headers['set-cookie']);
  t.match(set, /^__Host-session=[\w.-]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  const [cookie = ''] = set.split(';');
  const bare = cookie.replace('__Host-', '');
  t.strictSame((await safe.delete('/api/1.0/sessions', { cookie: bare })).body, notLoggedIn, 'no other name');
  const ended = await safe.delete('/api/1.0/sessions', { cookie });
  t.strictSame(ended.body, loggedOut);
  t.match(
    ended.headers['set-cookie'],
    /^__Host-session=; Max-Age=0; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/,
  );
});
