import t from 'tap';
import { says } from './stubs.ts';
import { aliyunSubject, inTime, message, secrets, testCanaries } from './subjects.ts';

t.test('Aliyun, which checks the signature, takes the SMS with the code', async (t) => {
  const { provider, stub, sent, logs } = await aliyunSubject(t, {
    nonces: ['3156853299f313e23d1673dc12e1703d'],
  });
  t.equal(provider.name, 'aliyun');
  await provider.send(message, inTime);
  t.strictSame(sent, [{ phone: '13912345678', code: '907351' }]);
  const [request] = stub.received;
  t.equal(
    request?.target,
    '/?PhoneNumbers=13912345678&SignName=%E9%98%BF%E9%87%8C%E4%BA%91%E3%80%90%E6%B5%8B%E8%AF%95%E3%80%91%20a%2Bb%2Ac~d%27%28e%29%21&TemplateCode=SMS_154950909&TemplateParam=%7B%22code%22%3A%22907351%22%7D',
  );
  t.equal(request?.body.length, 0);
  t.equal(request?.headers.get('x-acs-date'), '2026-11-21T23:59:59Z');
  t.equal(request?.headers.get('x-acs-signature-nonce'), '3156853299f313e23d1673dc12e1703d');
  t.match(JSON.parse(logs.text()), {
    level: 'info',
    provider: 'aliyun',
    requestId: '0b7a4c7e-5a53-4a3e-9d0f-6f4a6d8f2f11',
    phoneEnd: '78',
    status: 200,
    providerCode: 'OK',
    providerRequestId: 'F655A8D5-B967-440B-8683-DAD6FF8DE990',
    repeated: false,
    msg: 'the provider took the SMS',
  });
});

t.test('each SMS has a nonce of its own', async (t) => {
  const { provider, stub, sent } = await aliyunSubject(t);
  await Promise.all(Array.from({ length: 50 }, () => provider.send(message, inTime)));
  t.equal(sent.length, 50);
  t.equal(new Set(stub.received.map(({ headers }) => headers.get('x-acs-signature-nonce'))).size, 50);
});

t.test('a nonce that Aliyun has seen is a refusal where it is no second try', async (t) => {
  const { provider, sent, logs } = await aliyunSubject(t, { nonces: ['same', 'same'] });
  await provider.send(message, inTime);
  await t.rejects(provider.send(message, inTime), { code: 'sms-not-sent' });
  t.match(logs.text(), '"reason":"refused","status":400,"providerCode":"SignatureNonceUsed"');
  t.equal(sent.length, 1);
});

t.test("the template's variable may have another name", async (t) => {
  const { provider, sent } = await aliyunSubject(t, {
    environment: { SMS_ALIYUN_TEMPLATE_VARIABLE: 'captcha' },
    registered: { variable: 'captcha' },
  });
  await provider.send(message, inTime);
  t.strictSame(sent, [{ phone: '13912345678', code: '907351' }]);
});

t.test('what Aliyun refuses is sms-not-sent, with its code and request id in the log', async (t) => {
  for (const [status, providerCode] of [
    [200, 'isv.BUSINESS_LIMIT_CONTROL'],
    [200, 'isv.SMS_TEMPLATE_ILLEGAL'],
    [200, 'isv.AMOUNT_NOT_ENOUGH'],
    [400, 'SignatureDoesNotMatch'],
    [404, 'InvalidAccessKeyId.NotFound'],
    [503, 'Throttling.User'],
    [500, 'OK'],
  ] as const) {
    const { provider, stub, logs } = await aliyunSubject(t);
    const Message = `${message.phone} ${message.code}`;
    const RequestId = 'C0A0BE93-B44F-4350-BCC8-B677F78C3802';
    stub.next(says(status, JSON.stringify({ Code: providerCode, Message, RequestId, HostId: 'dysmsapi' })));
    await t.rejects(provider.send(message, inTime), { code: 'sms-not-sent', details: {} }, providerCode);
    t.equal(stub.received.length, 1, 'an answer is never asked for twice');
    t.match(JSON.parse(logs.text()), {
      level: 'warn',
      provider: 'aliyun',
      requestId: '0b7a4c7e-5a53-4a3e-9d0f-6f4a6d8f2f11',
      phoneEnd: '78',
      reason: 'refused',
      status,
      providerCode,
      providerRequestId: 'C0A0BE93-B44F-4350-BCC8-B677F78C3802',
      maybeSent: false,
    });
  }
});

t.test('a wrong key, signature or template sends nothing', async (t) => {
  for (const [environment, providerCode] of [
    [{ SMS_ALIYUN_ACCESS_KEY_SECRET: `${secrets.aliyun}x` }, 'SignatureDoesNotMatch'],
    [{ SMS_ALIYUN_ACCESS_KEY_ID: 'LTAIother' }, 'InvalidAccessKeyId.NotFound'],
    [{ SMS_ALIYUN_SIGN_NAME: '阿里云' }, 'isv.SMS_SIGNATURE_ILLEGAL'],
    [{ SMS_ALIYUN_TEMPLATE_CODE: 'SMS_1' }, 'isv.SMS_TEMPLATE_ILLEGAL'],
    [{ SMS_ALIYUN_TEMPLATE_VARIABLE: 'captcha' }, 'isv.TEMPLATE_MISSING_PARAMETERS'],
  ] as const) {
    const { provider, sent, logs } = await aliyunSubject(t, { environment });
    await t.rejects(provider.send(message, inTime), { code: 'sms-not-sent' });
    t.match(JSON.parse(logs.text()), { reason: 'refused', providerCode });
    t.strictSame(sent, []);
  }
});

testCanaries(t);
