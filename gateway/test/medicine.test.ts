import t from 'tap';
import { minute, otherThan, phoneNumber } from '../../services/verification/test/verification-service.ts';
import { bodyKinds } from './harness/client.ts';
import { password, startMedicine } from './harness/medicine.ts';

const sent = { re_code: '0', msg: '验证码发送成功' };
const registered = { re_code: '0', msg: '注册成功' };
const loggedIn = { re_code: '0', msg: '登陆成功' };
const loggedOut = { re_code: '0', msg: '退出成功' };
const noData = { re_code: '4002', msg: '无数据' };
const exists = { re_code: '4003', msg: '数据已存在' };
const wrongData = { re_code: '4004', msg: '数据错误' };
const notLoggedIn = { re_code: '4101', msg: '用户未登录' };
const badParameter = { re_code: '4103', msg: '参数错误' };
const wrongPassword = { re_code: '4106', msg: '密码错误' };

const medicine = await startMedicine(t);
const { client, clock, imageCode, captcha, smsCode, post, register } = medicine;
let phones = 0;
const newPhone = () => {
  phones += 1;
  return phoneNumber(phones);
};

for (const kind of bodyKinds) {
  for (const slash of ['', '/']) {
    t.test(`all operations answer as documented, with ${kind} bodies at .../register${slash}`, async (t) => {
      const phone = newPhone();
      const address = `192.0.2.${phones}`;
      const at = (path: string) => `/api/1.0${path}${slash}`;
      const given = (path: string, fields: object) => client.post(at(path), fields, { kind, address });

      const picture = await client.get(`${at('/imageCode')}?uuid=123&last_uuid=""`);
      t.equal(picture.status, 200);
      t.equal(picture.headers['content-type'], 'image/png');
      t.equal(picture.headers['cache-control'], 'no-store');
      const shown = (await client.get('/dev/captcha/123')).body as { answer: string };
      t.match(shown, { answer: /^[A-Z0-9]{4}$/ });

      const asked = await given('/smsCode', { phone, img_code_client: shown.answer, uuid: '123' });
      t.equal(asked.status, 200);
      t.strictSame(asked.body, sent);
      const { code } = (await client.get(`/dev/sms/${phone}`)).body as { code: string };
      t.match(code, /^\d{6}$/);

      const fields = { phone, phone_code: code, password: 'mai', password2: 'mai' };
      const made = await given('/register', fields);
      t.equal(made.status, 200);
      t.strictSame(made.body, registered);

      const login = await given('/sessions', { phone, password: 'mai' });
      t.equal(login.status, 200);
      t.strictSame(login.body, loggedIn);
      const cookie = String(login.headers['set-cookie']);
      t.match(cookie, /^session=[\w-]+\.[\w-]+\.[\w-]+; Path=\/; HttpOnly; SameSite=Lax$/);

      const session = { cookie: cookie.split(';')[0] ?? '' };
      const logout = await client.delete(at('/sessions'), session);
      t.equal(logout.status, 200);
      t.strictSame(logout.body, loggedOut);
      t.match(
        logout.headers['set-cookie'],
        /^session=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax$/,
      );
      t.strictSame((await client.delete(at('/sessions'), session)).body, notLoggedIn);
    });
  }
}

t.test('imageCode', async (t) => {
  t.test('answers a PNG of its own for each uuid', async (t) => {
    const pictures = await Promise.all(
      ['a', 'b'].map((uuid) => medicine.app.inject(`/api/1.0/imageCode?uuid=${uuid}`)),
    );
    const [one, other] = pictures.map(({ rawPayload }) => rawPayload);
    t.same(one?.subarray(0, 8), Buffer.from('89504e470d0a1a0a', 'hex'));
    t.notSame(one, other);
  });

  const bad: Record<string, Record<string, string>> = {
    'no uuid': {},
    'an empty uuid': { uuid: '' },
    'a uuid of 65 characters': { uuid: 'a'.repeat(65) },
    'a uuid with a character that is not in it': { uuid: 'a_b' },
    'a uuid with a line break': { uuid: 'a\n' },
  };
  for (const [name, query] of Object.entries(bad)) {
    t.test(`${name} is a bad parameter`, async (t) => {
      const { status, body, headers } = await imageCode(query);
      t.equal(status, 200);
      t.strictSame(body, badParameter);
      t.equal(headers['cache-control'], 'no-store');
    });
  }

  t.test('a uuid that comes twice is a bad parameter', async (t) => {
    t.strictSame((await client.get('/api/1.0/imageCode?uuid=a&uuid=b')).body, badParameter);
  });

  t.test('the longest uuid, and one of the form that the document generates, are taken', async (t) => {
    for (const uuid of ['a'.repeat(64), '6f1f3d0e-9d1a-4c5e-8b1e-0a2b3c4d5e6f']) {
      t.equal((await imageCode({ uuid })).headers['content-type'], 'image/png');
    }
  });

  t.test('drops the captcha of last_uuid', async (t) => {
    const old = await captcha();
    await imageCode({ uuid: 'next', last_uuid: old.uuid });
    t.strictSame((await post('/smsCode', { phone: newPhone(), ...old })).body, noData);
  });

  t.test('ignores a last_uuid that is no such id', async (t) => {
    for (const last of ['""', '', 'a_b', 'a'.repeat(65), 'unknown']) {
      const { headers } = await imageCode({ uuid: 'next', last_uuid: last });
      t.equal(headers['content-type'], 'image/png', last);
    }
    const twice = await client.get('/api/1.0/imageCode?uuid=next&last_uuid=a&last_uuid=b');
    t.equal(twice.headers['content-type'], 'image/png');
  });

  t.test('may name the same captcha as its last and its new one', async (t) => {
    const { uuid } = await captcha();
    await imageCode({ uuid, last_uuid: uuid });
    const again = await captcha(uuid);
    t.strictSame((await post('/smsCode', { phone: newPhone(), ...again })).body, sent);
  });
});

t.test('smsCode', async (t) => {
  t.test('takes the captcha in either case, and the phone as a number', async (t) => {
    const { uuid, img_code_client: answer } = await captcha();
    const fields = { phone: Number(newPhone()), uuid, img_code_client: answer.toLowerCase() };
    t.strictSame((await post('/smsCode', fields)).body, sent);
  });

  t.test('a captcha is good for one try, right or wrong', async (t) => {
    const one = await captcha();
    t.strictSame(
      (await post('/smsCode', { phone: newPhone(), ...one, img_code_client: '----' })).body,
      wrongData,
    );
    t.strictSame((await post('/smsCode', { phone: newPhone(), ...one })).body, noData);
    const other = await captcha();
    t.strictSame((await post('/smsCode', { phone: newPhone(), ...other })).body, sent);
    t.strictSame((await post('/smsCode', { phone: newPhone(), ...other })).body, noData);
  });

  t.test('a captcha that was never drawn, or 5 minutes ago, is no data', async (t) => {
    const old = await captcha();
    clock.advance(5 * minute + 1);
    t.strictSame((await post('/smsCode', { phone: newPhone(), ...old })).body, noData);
    const unknown = { phone: newPhone(), uuid: 'never-drawn', img_code_client: '3xfe' };
    t.strictSame((await post('/smsCode', unknown)).body, noData);
  });

  for (const phone of ['12345678912', '17008037123', '1760803712', '176080371234', '176080******', 'sara']) {
    t.test(`the phone ${phone} is a bad parameter, and costs the captcha all the same`, async (t) => {
      const fields = await captcha();
      t.strictSame((await post('/smsCode', { ...fields, phone })).body, badParameter);
      t.strictSame((await post('/smsCode', { ...fields, phone: newPhone() })).body, noData);
    });
  }

  t.test('a bad phone is a bad parameter with a wrong captcha too', async (t) => {
    const fields = { uuid: 'never-drawn', img_code_client: '3xfe', phone: '12345678912' };
    t.strictSame((await post('/smsCode', fields)).body, badParameter);
  });

  for (const name of ['phone', 'img_code_client', 'uuid']) {
    t.test(`without ${name} it is a bad parameter`, async (t) => {
      const fields = { phone: newPhone(), img_code_client: '3xfe', uuid: '123', [name]: undefined };
      t.strictSame((await post('/smsCode', fields)).body, badParameter);
    });
  }

  t.test('a new code replaces the old one', async (t) => {
    const phone = newPhone();
    const old = await smsCode(phone);
    clock.advance(minute + 1);
    const code = await smsCode(phone);
    const fields = { phone, password, password2: password };
    t.strictSame((await post('/register', { ...fields, phone_code: old })).body, wrongData);
    t.strictSame((await post('/register', { ...fields, phone_code: code })).body, registered);
  });
});

t.test('register', async (t) => {
  const bad: Record<string, object> = {
    'no phone': { phone: undefined },
    'a phone that is none': { phone: '12345678912' },
    'no code': { phone_code: undefined },
    'an empty code': { phone_code: '' },
    'no password': { password: undefined },
    'an empty password': { password: '', password2: '' },
    'a password of 129 characters': { password: 'a'.repeat(129), password2: 'a'.repeat(129) },
    'no second password': { password2: undefined },
    'another second password': { password2: 'Mai' },
  };
  const phone = newPhone();
  const code = await smsCode(phone);
  const good = { phone, phone_code: code, password, password2: password };
  for (const [name, fields] of Object.entries(bad)) {
    t.test(`${name} is a bad parameter, and costs the code no try`, async (t) => {
      const { status, body } = await post('/register', { ...good, ...fields });
      t.equal(status, 200);
      t.strictSame(body, badParameter);
    });
  }

  t.test('a code is spent by its fifth wrong try', async (t) => {
    for (let by = 1; by <= 4; by += 1) {
      const wrong = { ...good, phone_code: otherThan(code, by) };
      t.strictSame((await post('/register', wrong)).body, wrongData);
    }
    const other = newPhone();
    const otherCode = await smsCode(other);
    t.strictSame(
      (await post('/register', { ...good, phone: other, phone_code: otherCode })).body,
      registered,
    );
    t.strictSame((await post('/register', { ...good, phone_code: otherThan(code, 5) })).body, wrongData);
    t.strictSame((await post('/register', good)).body, noData);
  });

  t.test('the right code after four wrong ones registers', async (t) => {
    const phone = newPhone();
    const code = await smsCode(phone);
    for (let by = 1; by <= 4; by += 1)
      await post('/register', { ...good, phone, phone_code: otherThan(code, by) });
    t.strictSame((await post('/register', { ...good, phone, phone_code: code })).body, registered);
  });

  t.test('a code is good for 5 minutes, for its own phone, and for one success', async (t) => {
    const phone = newPhone();
    const code = await smsCode(phone);
    t.strictSame((await post('/register', { ...good, phone: newPhone(), phone_code: code })).body, noData);
    clock.advance(5 * minute + 1);
    t.strictSame((await post('/register', { ...good, phone, phone_code: code })).body, noData);
    const fresh = { ...good, phone, phone_code: await smsCode(phone) };
    t.strictSame((await post('/register', fresh)).body, registered);
    t.strictSame((await post('/register', fresh)).body, noData);
  });

  t.test(
    'that a phone is registered already is said after the right code alone, and spends it not',
    async (t) => {
      const phone = newPhone();
      await register(phone);
      clock.advance(minute + 1);
      const code = await smsCode(phone);
      const again = { phone, phone_code: code, password: 'other', password2: 'other' };
      t.strictSame((await post('/register', { ...again, phone_code: otherThan(code) })).body, wrongData);
      t.strictSame((await post('/register', again)).body, exists);
      t.strictSame((await post('/register', again)).body, exists);
      t.strictSame((await medicine.login(phone, 'other')).body, wrongPassword);
      t.strictSame((await medicine.login(phone)).body, loggedIn);
    },
  );

  t.test(
    'the account is an active normal one, whatever else is sent, and registering logs nobody in',
    async (t) => {
      const phone = newPhone();
      const extras = { role: 'admin', status: 'frozen', id: 10_000_000, level: 9 };
      const fields = { ...good, phone, phone_code: await smsCode(phone), ...extras };
      const { headers, body } = await post('/register', fields);
      t.strictSame(body, registered);
      t.equal(headers['set-cookie'], undefined);
      const { account } = await medicine.accountOf(phone);
      t.match(account, { role: 'normal', status: 'active', nickname: '' });
      t.not(account.id, 10_000_000);
    },
  );

  t.test('100 parallel registers of one phone make one account', async (t) => {
    const phone = newPhone();
    const fields = { ...good, phone, phone_code: await smsCode(phone) };
    const answers = await Promise.all(Array.from({ length: 100 }, () => post('/register', fields)));
    const codes = answers.map(({ body }) => Object(body).re_code);
    t.equal(codes.filter((code) => code === '0').length, 1);
    t.strictSame(
      codes.filter((code) => !['0', '4002', '4003'].includes(code)),
      [],
    );
  });
});
