import t from 'tap';
import { passwd, pictureFile, signUpFields, startAccounts } from './harness/accounts.ts';
import { bodyKinds } from './harness/client.ts';
import { jpeg, png } from './harness/pictures.ts';

const accounts = await startAccounts(t);
const { client, signUp, signedUp, login, captcha, dataOf } = accounts;
const boss = await accounts.admin();
const audit = (id: number) => client.post(`/audit/user/${id}`, {}, { token: boss.token, method: 'PUT' });

t.test('signUp makes an account that waits for its audit', async (t) => {
  const answer = await signUp({ nickname: '测试用户甲' });
  const { status, body, headers } = answer;
  const { id } = dataOf<{ id: number }>(answer);
  t.equal(status, 200);
  t.match(String(id), /^[1-9]\d{7}$/);
  t.strictSame(body, {
    cmd: 'signUp',
    data: { id, account_status: 0 },
    message: '注册成功',
    status: true,
  });
  t.equal(headers['cache-control'], 'no-store');
});

t.test('captcha answers an id and a PNG as a data URL', async (t) => {
  const { body, headers } = await client.get('/captcha');
  const { data, ...rest } = body as { data: { id: string; picture: string } };
  t.strictSame(rest, { cmd: 'captcha', message: 'success', status: true });
  t.strictSame(Object.keys(data), ['id', 'picture']);
  t.match(data.id, /^[0-9a-f]{32}$/);
  t.match(data.picture, /^data:image\/png;base64,iVBORw/);
  t.equal(headers['cache-control'], 'no-store');
});

for (const kind of bodyKinds) {
  t.test(`login and the change of a user work with ${kind} bodies`, async (t) => {
    const { id, nickname } = await signedUp();
    const post = async (fields: object) => (await client.post('/login/', fields, { kind })).body;
    const waiting = (await post({ nickname, passwd, ...(await captcha()) })) as { data: { token: string } };
    const { token } = waiting.data;
    t.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
    t.strictSame(waiting, {
      cmd: 'login',
      data: { account_status: 0, id, nickname, token, user_level: 0 },
      message: '登录成功',
      status: true,
    });
    t.strictSame((await audit(id)).body, { status: true, data: [], message: 'success', cmd: 'audit/user' });
    t.match(await post({ nickname, passwd, ...(await captcha()) }), { data: { account_status: 1 } });

    const change = { position: '职位2', phone: 15912345678, email: '' };
    const changed = await client.post(`/user/${id}/`, change, { kind, token, method: 'PUT' });
    t.strictSame(changed.body, { status: true, data: [], message: 'success', cmd: `user/${id}` });
    t.strictSame((await client.ask('GET', `/user/${id}/`, token)).body, {
      status: true,
      data: {
        email: '',
        id,
        name: '测试用户',
        nickname,
        phone: '15912345678',
        position: '职位2',
      },
      message: 'success',
      cmd: `user/${id}`,
    });
  });
}

t.test('login of an administrator has user_level 1', async (t) => {
  t.match((await login('admin')).body, {
    data: { account_status: 1, id: boss.id, nickname: 'admin', user_level: 1 },
  });
});

t.test('login takes a nickname in either case and answers it as it was signed up', async (t) => {
  await signUp({ nickname: 'Sara_Hammer-1' });
  t.match((await login('sara_hammer-1')).body, { data: { nickname: 'Sara_Hammer-1' }, status: true });
});

t.test('login refuses', async (t) => {
  const { nickname, id } = await signedUp();
  const refused = (message: string) => ({ cmd: 'login', data: [], message, status: false });
  const wrong = refused('用户名或密码错误');
  t.strictSame((await login(nickname, { passwd: 'sesame-4712' })).body, wrong);
  t.strictSame((await login('没有这个用户')).body, wrong);
  t.strictSame((await login(nickname, { captcha_code: 'wrong' })).body, refused('验证码错误'));
  t.strictSame((await login(nickname, { captcha_id: 'f91737' })).body, refused('验证码已失效，请重新获取'));
  await client.post('/user/status', { id, status: '1' }, { token: boss.token });
  t.strictSame((await login(nickname)).body, refused('账户已被冻结或删除'));
});

t.test('a captcha is good for one login, right or wrong, whatever else is wrong with it', async (t) => {
  const { nickname } = await signedUp();
  const gone = { message: '验证码已失效，请重新获取', status: false };
  const tries: object[] = [
    { nickname, passwd },
    { nickname, passwd: 'sesame-4712' },
    { nickname: '一', passwd },
    { nickname },
    { nickname, passwd, captcha_code: 'wrong' },
    { nickname, passwd, captcha_code: '!' },
    { nickname, passwd, captcha_code: undefined },
  ];
  for (const fields of tries) {
    const spent = await captcha();
    await client.post('/login', { ...spent, ...fields });
    t.match((await client.post('/login', { nickname, passwd, ...spent })).body, gone, JSON.stringify(fields));
  }
  const lower = await captcha();
  const fields = { nickname, passwd, ...lower, captcha_code: lower.captcha_code.toLowerCase() };
  t.match((await client.post('/login', fields)).body, { status: true }, 'letters in either case');
});

t.test('of 200 parallel logins with one captcha one gets in', async (t) => {
  const { nickname } = await signedUp();
  const fields = { nickname, passwd, ...(await captcha()) };
  const answers = await Promise.all(Array.from({ length: 200 }, () => client.post('/login', fields)));
  const good = answers.filter(({ body }) => (body as { status: boolean }).status);
  t.equal(good.length, 1);
});

t.test('the eleventh wrong password locks the account from there, for the right one too', async (t) => {
  const { nickname } = await signedUp();
  for (let guess = 0; guess < 10; guess += 1) await login(nickname, { passwd: `guess-${guess}` });
  const { status, body, headers } = await login(nickname);
  t.equal(status, 429);
  t.strictSame(body, { cmd: 'login', data: [], message: '请求过于频繁，请稍后再试', status: false });
  t.ok(Number(headers['retry-after']) > 800);
});

t.test('captcha: the 61st picture within a minute for one address answers 429', async (t) => {
  const ask = () => client.send('/captcha', undefined, {}, { method: 'GET', address: '192.0.2.61' });
  const good = await Promise.all(Array.from({ length: 60 }, ask));
  t.strictSame(new Set(good.map(({ status }) => status)), new Set([200]));
  const { status, body, headers } = await ask();
  t.equal(status, 429);
  t.strictSame(body, { cmd: 'captcha', data: [], message: '请求过于频繁，请稍后再试', status: false });
  t.match(headers['retry-after'], /^([1-9]|[1-5]\d|60)$/);
});

t.test('signUp: the eleventh within an hour from one address answers 429', async (t) => {
  const address = '192.0.2.10';
  await signUp({ passwd: 'x' }, { address });
  await signUp({ repasswd: 'another-one' }, { address });
  for (let one = 0; one < 10; one += 1) t.match((await signUp({}, { address })).body, { status: true });
  const { status, body, headers } = await signUp({}, { address });
  t.equal(status, 429);
  t.strictSame(body, { cmd: 'signUp', data: [], message: '请求过于频繁，请稍后再试', status: false });
  t.ok(Number(headers['retry-after']) > 3500);
  t.match((await signUp()).body, { status: true }, 'another address has its own');
});

t.test('signUp: an address that was refused may again when its hour is over', async (t) => {
  const { signUp, clock } = await startAccounts(t, { SIGNUP_RATE: '1' }, { timed: true });
  const address = '192.0.2.11';
  t.match((await signUp({}, { address })).body, { status: true });
  t.equal((await signUp({}, { address })).status, 429);
  clock.advance(3_600_001);
  t.match((await signUp({}, { address })).body, { status: true });
});

t.test('of 100 parallel sign-ups with one nickname, in any case, one makes an account', async (t) => {
  const nicknames = ['Only-One', 'only-one', 'ONLY-ONE'];
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => signUp({ nickname: nicknames[index % 3] })),
  );
  const bodies = answers.map(({ body }) => body as { status: boolean; message: string });
  t.equal(bodies.filter(({ status }) => status).length, 1);
  const messages = new Set(bodies.filter(({ status }) => !status).map(({ message }) => message));
  t.strictSame(messages, new Set(['用户名（nickname）已被使用']));
});

t.test('what a sign-up does not name is not stored', async (t) => {
  const { id, token } = await signedUp({ role: 'admin', status: 'active', user_level: 1, id: 10_000_000 });
  t.match((await client.ask('GET', '/list/user', token)).status, 403);
  t.match((await client.ask('GET', `/user/${id}`, token)).body, { data: { id } });
});

t.test('the picture of a user', async (t) => {
  const { id, token } = await signedUp();
  const url = `/user/${id}/avatar`;
  const shown = await client.ask('GET', url, token);
  t.equal(shown.status, 200);
  t.strictSame(shown.bytes, png());
  t.match(shown.headers, {
    'content-type': 'image/png',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    etag: /^"[0-9a-f]{32}"$/,
  });
  const tag = String(shown.headers.etag);
  for (const kept of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const again = await client.get(url, { token, 'if-none-match': kept });
    t.equal(again.status, 304, kept);
    t.equal(again.bytes.length, 0);
    t.equal(again.headers.etag, tag);
  }
  t.equal((await client.get(url, { token, 'if-none-match': '"other"' })).status, 200);

  const fields = signUpFields();
  const photo = pictureFile(jpeg, 'PHOTO.JPEG', 'image/jpeg');
  const other = dataOf<{ id: number }>(await signUp({ ...fields, avatar: photo }));
  const photoShown = await client.ask('GET', `/user/${other.id}/avatar`, boss.token);
  t.equal(photoShown.headers['content-type'], 'image/jpeg');
  t.strictSame(photoShown.bytes, jpeg);

  const refused = (message: string) => ({ cmd: `user/${id}/avatar`, data: [], message, status: false });
  t.strictSame((await client.ask('GET', url)).body, refused('请重新登录'));
  const stranger = await signedUp();
  t.strictSame((await client.ask('GET', url, stranger.token)).body, refused('没有权限'));
  t.match((await client.ask('GET', `/user/${boss.id}/avatar`, boss.token)).body, {
    message: '用户不存在',
    status: false,
  });
});
