import t from 'tap';
import { says } from './stubs.ts';
import { inTime, message, secrets, tencentSubject, testCanaries } from './subjects.ts';

t.test('Tencent, which checks the signature, takes the SMS with the code and the minutes', async (t) => {
  const { provider, stub, sent, logs } = await tencentSubject(t);
  t.equal(provider.name, 'tencent');
  await provider.send(message, inTime);
  t.strictSame(sent, [{ phone: '+8613912345678', parameters: ['907351', '5'] }]);
  const [request] = stub.received;
  t.strictSame(JSON.parse(request?.body.toString('utf8') ?? ''), {
    PhoneNumberSet: ['+8613912345678'],
    SmsSdkAppId: '1400006666',
    SignName: '腾讯云【测试】签名',
    TemplateId: '1110',
    TemplateParamSet: ['907351', '5'],
  });
  t.equal(request?.headers.get('x-tc-timestamp'), '1795305599');
  t.equal(request?.headers.get('x-tc-region'), 'ap-guangzhou');
  t.match(
    request?.headers.get('authorization'),
    /\/2026-11-21\/sms\/tc3_request, SignedHeaders=content-type;host;x-tc-action, /,
  );
  t.match(JSON.parse(logs.text()), {
    level: 'info',
    provider: 'tencent',
    requestId: '0b7a4c7e-5a53-4a3e-9d0f-6f4a6d8f2f11',
    phoneEnd: '78',
    status: 200,
    providerCode: 'Ok',
    providerRequestId: 'a0aabda6-cf91-4f3e-a81f-9198114a2279',
    repeated: false,
    msg: 'the provider took the SMS',
  });
});

t.test(
  'the template decides what it is given and in which order; minutes are never rounded up',
  async (t) => {
    for (const [params, expiresInSeconds, parameters] of [
      ['code', 300, ['907351']],
      ['minutes,code', 599, ['9', '907351']],
      ['code,minutes', 30, ['907351', '1']],
    ] as const) {
      const { provider, sent } = await tencentSubject(t, {
        environment: { SMS_TENCENT_TEMPLATE_PARAMS: params },
        registered: { variables: parameters.length },
      });
      await provider.send({ ...message, expiresInSeconds }, inTime);
      t.strictSame(sent, [{ phone: '+8613912345678', parameters }], params);
    }
  },
);

t.test('another region is what Tencent is told', async (t) => {
  const { provider, stub } = await tencentSubject(t, { environment: { SMS_TENCENT_REGION: 'ap-beijing' } });
  await provider.send(message, inTime);
  t.equal(stub.received[0]?.headers.get('x-tc-region'), 'ap-beijing');
});

t.test('what Tencent refuses is sms-not-sent, with its code and request id in the log', async (t) => {
  const errorOf = (Code: string) =>
    JSON.stringify({
      Response: {
        Error: { Code, Message: `${message.phone} ${message.code}` },
        RequestId: 'ed93f3cb-f35e-473f-b9f3-0d451b8b79c6',
      },
    });
  const stateOf = (Code: string) =>
    JSON.stringify({
      Response: {
        SendStatusSet: [
          { SerialNo: '', PhoneNumber: `+86${message.phone}`, Fee: 0, Code, Message: message.code },
        ],
        RequestId: 'ed93f3cb-f35e-473f-b9f3-0d451b8b79c6',
      },
    });
  for (const [code, body] of [
    ['AuthFailure.SecretIdNotFound', errorOf('AuthFailure.SecretIdNotFound')],
    ['RequestLimitExceeded', errorOf('RequestLimitExceeded')],
    ['LimitExceeded.PhoneNumberDailyLimit', stateOf('LimitExceeded.PhoneNumberDailyLimit')],
    ['LimitExceeded.PhoneNumberThirtySecondLimit', stateOf('LimitExceeded.PhoneNumberThirtySecondLimit')],
    [
      'FailedOperation.TemplateIncorrectOrUnapproved',
      stateOf('FailedOperation.TemplateIncorrectOrUnapproved'),
    ],
    [
      'FailedOperation.InsufficientBalanceInSmsPackage',
      stateOf('FailedOperation.InsufficientBalanceInSmsPackage'),
    ],
  ] as const) {
    const { provider, stub, logs } = await tencentSubject(t);
    stub.next(says(200, body));
    await t.rejects(provider.send(message, inTime), { code: 'sms-not-sent', details: {} }, code);
    t.equal(stub.received.length, 1, 'an answer is never asked for twice');
    t.match(JSON.parse(logs.text()), {
      level: 'warn',
      provider: 'tencent',
      requestId: '0b7a4c7e-5a53-4a3e-9d0f-6f4a6d8f2f11',
      phoneEnd: '78',
      reason: 'refused',
      providerCode: code,
      providerRequestId: 'ed93f3cb-f35e-473f-b9f3-0d451b8b79c6',
      maybeSent: false,
    });
  }
});

t.test('a wrong key, application, signature or template sends nothing', async (t) => {
  for (const [environment, providerCode] of [
    [{ SMS_TENCENT_SECRET_KEY: `${secrets.tencent}x` }, 'AuthFailure.SignatureFailure'],
    [{ SMS_TENCENT_SECRET_ID: 'AKIDother' }, 'AuthFailure.SecretIdNotFound'],
    [{ SMS_TENCENT_SDK_APP_ID: '1400000000' }, 'UnauthorizedOperation.SmsSdkAppIdVerifyFail'],
    [{ SMS_TENCENT_SIGN_NAME: '腾讯云' }, 'FailedOperation.SignatureIncorrectOrUnapproved'],
    [{ SMS_TENCENT_TEMPLATE_ID: '1111' }, 'FailedOperation.TemplateIncorrectOrUnapproved'],
  ] as const) {
    const { provider, sent, logs } = await tencentSubject(t, { environment });
    await t.rejects(provider.send(message, inTime), { code: 'sms-not-sent' });
    t.match(JSON.parse(logs.text()), { reason: 'refused', providerCode });
    t.strictSame(sent, []);
  }
});

t.test('no state for the phone, an error beside the state, or a failing status is no success', async (t) => {
  for (const [status, response, reason] of [
    [200, { SendStatusSet: [] }, 'answer-unusable'],
    [200, {}, 'answer-unusable'],
    [200, { SendStatusSet: [{ Code: 'Ok' }], Error: { Code: 'InternalError' } }, 'refused'],
    [500, { SendStatusSet: [{ Code: 'Ok' }] }, 'refused'],
  ] as const) {
    const { provider, stub, logs } = await tencentSubject(t);
    stub.next(says(status, JSON.stringify({ Response: response })));
    await t.rejects(provider.send(message, inTime), { code: 'sms-not-sent' });
    t.match(JSON.parse(logs.text()), { reason });
  }
});

testCanaries(t);
