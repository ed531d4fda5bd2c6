import { authContracts } from '@vestibule/shared/contracts/auth';
import { userContracts } from '@vestibule/shared/contracts/user';
import { AppError, type ErrorCode } from '@vestibule/shared/errors';
import t from 'tap';
import { admin } from '../../services/auth/test/auth-service.ts';
import { phoneNumber, recordingProvider } from '../../services/verification/test/verification-service.ts';
import { clientOf } from './harness/client.ts';
import { account, fakeParts } from './harness/fakes.ts';
import { password, startMedicine } from './harness/medicine.ts';
import { startGateway } from './harness/platform.ts';

/** Every code of the document that is not reserved, in its words, and a request that it answers. */
t.test('each code of the document, as a client meets it', async (t) => {
  const medicine = await startMedicine(t);
  const { captcha, post, register, askForCode, imageCode, logout, parts } = medicine;
  const [phone, stranger] = [phoneNumber(1), phoneNumber(2)];
  const token = async (nickname: string, status: 'active' | 'pending') => {
    const draft = { role: 'normal', status, profile: {} } as const;
    const context = { requestId: 'a-request', deadline: parts.clock() + 10_000 };
    const identities = [{ kind: 'nickname' as const, value: nickname }];
    return (await parts.bus.call(authContracts.register, { ...draft, identities, password }, context)).token;
  };

  const rows: [
    code: string,
    msg: string,
    what: string,
    ask: () => Promise<{ status: number; body: unknown }>,
  ][] = [
    ['0', '注册成功', 'a registration', () => register(phone)],
    ['0', '登陆成功', 'a login', () => medicine.login(phone)],
    ['0', '退出成功', 'a logout', async () => logout({ token: await token('sara', 'active') })],
    [
      '4002',
      '无数据',
      'a captcha that was never drawn',
      () => post('/smsCode', { phone, uuid: 'none', img_code_client: '3xfe' }),
    ],
    [
      '4002',
      '无数据',
      'a phone without a code',
      () => post('/register', { phone: stranger, phone_code: '003533', password, password2: password }),
    ],
    [
      '4003',
      '数据已存在',
      'a phone that is registered',
      async () => {
        medicine.clock.advance(60_001);
        return register(phone);
      },
    ],
    [
      '4004',
      '数据错误',
      'a wrong captcha',
      async () => post('/smsCode', { phone, ...(await captcha()), img_code_client: '----' }),
    ],
    [
      '4004',
      '数据错误',
      'a wrong code',
      async () => {
        await medicine.smsCode(stranger);
        return post('/register', { phone: stranger, phone_code: 'none', password, password2: password });
      },
    ],
    ['4101', '用户未登录', 'no session', () => logout({})],
    ['4103', '参数错误', 'a missing parameter', () => post('/sessions', { phone })],
    [
      '4105',
      '用户身份错误',
      'an account that waits for its audit',
      async () => logout({ token: await token('mai', 'pending') }),
    ],
    [
      '4104',
      '用户不存在或未激活',
      'a frozen account',
      async () => {
        const { id } = (await medicine.accountOf(phone)).account;
        const context = { requestId: 'a-request', deadline: parts.clock() + 10_000, caller: admin };
        await parts.bus.call(userContracts.setStatus, { id, status: 'frozen' }, context);
        return medicine.login(phone);
      },
    ],
    ['4106', '密码错误', 'a wrong password', () => medicine.login(phone, 'wrong')],
    ['0', '验证码发送成功', 'an SMS', () => askForCode(phoneNumber(3))],
    ['4201', '非法请求或请求次数受限', 'a second SMS within the minute', () => askForCode(phoneNumber(3))],
    [
      '4202',
      'IP受限',
      'the 61st captcha of an address within a minute',
      async () => {
        const ask = () => imageCode({ uuid: 'a' }, '198.51.100.7');
        for (let drawn = 1; drawn <= 60; drawn += 1) await ask();
        return ask();
      },
    ],
    [
      '4202',
      'IP受限',
      'the 21st SMS from an address within an hour',
      async () => {
        for (let sent = 1; sent <= 20; sent += 1) await askForCode(phoneNumber(100 + sent), '198.51.100.8');
        return askForCode(phoneNumber(121), '198.51.100.8');
      },
    ],
  ];
  for (const [code, msg, what, ask] of rows) {
    t.test(`${code} ${msg}: ${what}`, async (t) => {
      const { status, body } = await ask();
      t.equal(status, 200);
      t.strictSame(body, { re_code: code, msg });
    });
  }
});

t.test('a limit says when to come back, in seconds', async (t) => {
  const { askForCode, imageCode, clock } = await startMedicine(t);
  const phone = phoneNumber(1);
  await askForCode(phone);
  clock.advance(12_000);
  t.equal((await askForCode(phone)).headers['retry-after'], '48');
  for (let drawn = 1; drawn <= 60; drawn += 1) await imageCode({ uuid: 'a' }, '198.51.100.7');
  clock.advance(20_000);
  t.equal((await imageCode({ uuid: 'a' }, '198.51.100.7')).headers['retry-after'], '40');
});

t.test('LIMITS=off counts no captchas and no SMS; a captcha stays good for one try', async (t) => {
  const { askForCode, captcha, imageCode, post } = await startMedicine(t, { environment: { LIMITS: 'off' } });
  const phone = phoneNumber(1);
  for (let sent = 1; sent <= 11; sent += 1) {
    t.match((await askForCode(phone, '198.51.100.7')).body, { re_code: '0' });
  }
  for (let drawn = 1; drawn <= 61; drawn += 1) await imageCode({ uuid: 'a' }, '198.51.100.7');
  t.equal((await imageCode({ uuid: 'a' }, '198.51.100.7')).headers['content-type'], 'image/png');
  const one = await captcha();
  await post('/smsCode', { phone, ...one });
  t.match((await post('/smsCode', { phone, ...one })).body, { re_code: '4002' });
});

t.test('a provider that does not take the SMS is 4301, and the limit is not spent', async (t) => {
  const provider = recordingProvider();
  const { askForCode } = await startMedicine(t, { provider });
  provider.fault = new AppError('sms-not-sent');
  const { status, body } = await askForCode(phoneNumber(1));
  t.equal(status, 200);
  t.strictSame(body, { re_code: '4301', msg: '第三方系统错误' });
  provider.fault = null;
  t.strictSame((await askForCode(phoneNumber(1))).body, { re_code: '0', msg: '验证码发送成功' });
});

t.test('SMS_ENABLED=false is 4301', async (t) => {
  const { askForCode } = await startMedicine(t, { environment: { SMS_ENABLED: 'false' } });
  t.strictSame((await askForCode(phoneNumber(1))).body, { re_code: '4301', msg: '第三方系统错误' });
});

t.test('a password that the strong policy refuses is 4103, and the code stays good', async (t) => {
  const { smsCode, post } = await startMedicine(t, { environment: { PASSWORD_POLICY: 'strong' } });
  const phone = phoneNumber(1);
  const fields = { phone, phone_code: await smsCode(phone) };
  const weak = await post('/register', { ...fields, password, password2: password });
  t.strictSame(weak.body, { re_code: '4103', msg: '参数错误' });
  const long = { password: 'sesame-4711', password2: 'sesame-4711' };
  t.strictSame((await post('/register', { ...fields, ...long })).body, { re_code: '0', msg: '注册成功' });
});

const phone = phoneNumber(1);
const registration = { phone, phone_code: '003533', password, password2: password };

t.test('a failure of ours has its HTTP status and a code of the document', async (t) => {
  const rows: [ErrorCode, number, string, string, retryAfter?: string][] = [
    ['database-unavailable', 503, '4001', '数据库查询错误', '2'],
    ['store-unavailable', 503, '4500', '内部错误', '2'],
    ['busy', 503, '4500', '内部错误', '2'],
    ['internal', 500, '4500', '内部错误'],
  ];
  for (const [code, status, re_code, msg, retryAfter] of rows) {
    const refuse = async () => Promise.reject(new AppError(code));
    const { parts } = await fakeParts({
      auth: { loginByPassword: refuse, register: refuse },
      verification: { newCaptcha: refuse, sendCode: refuse, checkCaptcha: refuse, checkCode: refuse },
    });
    const client = clientOf(await startGateway(t, parts));
    const sms = { phone, img_code_client: '3xfe', uuid: '123' };
    const answers = [
      await client.get('/api/1.0/imageCode?uuid=123'),
      await client.post('/api/1.0/smsCode', sms),
      await client.post('/api/1.0/smsCode', { ...sms, phone: 'none' }),
      await client.post('/api/1.0/register', registration),
      await client.post('/api/1.0/sessions', { phone, password }),
    ];
    for (const answer of answers) {
      t.equal(answer.status, status, code);
      t.strictSame(answer.body, { re_code, msg });
      t.equal(answer.headers['retry-after'], retryAfter);
    }
  }
});

t.test('a body that cannot be read has its HTTP status and 4103', async (t) => {
  const { parts, asked } = await fakeParts({});
  const { send } = clientOf(await startGateway(t, parts));
  const url = '/api/1.0/register';
  const answers = [
    [400, await send(url, '{"phone":', { 'content-type': 'application/json' })],
    [415, await send(url, '<phone/>', { 'content-type': 'application/xml' })],
    [413, await send(url, `{"phone":"${'1'.repeat(65_536)}"}`, { 'content-type': 'application/json' })],
  ] as const;
  for (const [status, answer] of answers) {
    t.equal(answer.status, status);
    t.strictSame(answer.body, { re_code: '4103', msg: '参数错误' });
  }
  t.strictSame(asked, []);
});

t.test('a path or method that is none is a problem', async (t) => {
  const { parts } = await fakeParts({});
  const client = clientOf(await startGateway(t, parts));
  for (const answer of [
    await client.get('/api/1.0/sessions'),
    await client.get('/api/1.0/imagecode?uuid=1'),
    await client.post('/api/1.0/imageCode?uuid=1', {}),
    await client.delete('/api/1.0/register'),
  ]) {
    t.equal(answer.status, 404);
    t.match(answer.headers['content-type'], /^application\/problem\+json/);
  }
});

t.test('a registration asks for the code, then for the account, then spends the code', async (t) => {
  const started = async (verification: object, auth: object) => {
    const { parts, asked } = await fakeParts({
      auth: { register: async () => ({ account: account(), token: 'a-token' }), ...auth },
      verification: { checkCode: async () => ({}), spendCode: async () => ({}), ...verification },
    });
    const client = clientOf(await startGateway(t, parts));
    return {
      register: async (fields: object = {}) =>
        (await client.post('/api/1.0/register', { ...registration, ...fields })).body,
      subjects: () => asked.map(({ subject }) => subject),
    };
  };
  const refuse = (code: ErrorCode) => async () => Promise.reject(new AppError(code));
  const done = { re_code: '0', msg: '注册成功' };

  t.test('when all goes well', async (t) => {
    const { register, subjects } = await started({}, {});
    t.strictSame(await register(), done);
    t.strictSame(subjects(), ['verification.check-code', 'auth.register', 'verification.spend-code']);
  });

  t.test('unequal passwords ask nobody', async (t) => {
    const { register, subjects } = await started({}, {});
    t.strictSame(await register({ password2: 'Mai' }), { re_code: '4103', msg: '参数错误' });
    t.strictSame(subjects(), []);
  });

  t.test('a wrong code makes no account', async (t) => {
    const { register, subjects } = await started({ checkCode: refuse('code-wrong') }, {});
    t.strictSame(await register(), { re_code: '4004', msg: '数据错误' });
    t.strictSame(subjects(), ['verification.check-code']);
  });

  t.test('an account that could not be made leaves the code as it is', async (t) => {
    const { register, subjects } = await started({}, { register: refuse('database-unavailable') });
    t.strictSame(await register(), { re_code: '4001', msg: '数据库查询错误' });
    t.strictSame(subjects(), ['verification.check-code', 'auth.register']);
  });

  t.test('an account that is made is good news, whatever becomes of its code', async (t) => {
    for (const code of ['store-unavailable', 'code-unknown', 'internal'] as const) {
      const { register } = await started({ spendCode: refuse(code) }, {});
      t.strictSame(await register(), done);
    }
  });
});
