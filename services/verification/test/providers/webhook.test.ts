import t from 'tap';
import { patience } from './failing.ts';
import { endless, hangHalfway, resetHalfway, says, tenMegabytes } from './stubs.ts';
import { inTime, message, testCanaries, webhookSubject } from './subjects.ts';

t.test('the receiver, which checks the signature, gets the four fields', async (t) => {
  const { provider, stub, sent, logs } = await webhookSubject(t);
  t.equal(provider.name, 'webhook');
  await provider.send(message, inTime);
  t.strictSame(sent, [
    {
      phone: '13912345678',
      code: '907351',
      expires_in: 300,
      request_id: '0b7a4c7e-5a53-4a3e-9d0f-6f4a6d8f2f11',
    },
  ]);
  t.equal(stub.received[0]?.target, '/sms?from=vestibule');
  t.match(JSON.parse(logs.text()), { provider: 'webhook', phoneEnd: '78', status: 204, repeated: false });
});

/** From `printf '%s' BODY | openssl dgst -sha256 -hmac s3cret`. */
t.test('the signature is the HMAC that openssl makes of the body', async (t) => {
  const { provider, stub } = await webhookSubject(t, {
    secret: 's3cret',
    environment: { SMS_WEBHOOK_SECRET: 's3cret' },
  });
  await provider.send(message, inTime);
  t.equal(
    stub.received[0]?.body.toString('utf8'),
    '{"phone":"13912345678","code":"907351","expires_in":300,"request_id":"0b7a4c7e-5a53-4a3e-9d0f-6f4a6d8f2f11"}',
  );
  t.equal(
    stub.received[0]?.headers.get('x-signature'),
    'sha256=795b9a1930fedcc41d8ecfa561423952a21cef35a1ed1ec2350d5099ab28b9b2',
  );
});

t.test('a receiver with another secret refuses', async (t) => {
  const { provider, sent, logs } = await webhookSubject(t, { secret: 'another' });
  await t.rejects(provider.send(message, inTime), { code: 'sms-not-sent', details: {} });
  t.match(JSON.parse(logs.text()), {
    level: 'warn',
    reason: 'refused',
    status: 401,
    providerCode: 'http-401',
    maybeSent: false,
  });
  t.strictSame(sent, []);
});

t.test('without a secret there is no signature', async (t) => {
  const { provider, stub } = await webhookSubject(t, { environment: { SMS_WEBHOOK_SECRET: '' } });
  stub.next(says(200, ''));
  await provider.send(message, inTime);
  t.equal(stub.received[0]?.headers.has('x-signature'), false);
});

t.test('any 2xx says yes, whatever follows it', async (t) => {
  const { provider, stub } = await webhookSubject(t);
  stub.next(says(200, '<html>ok'), says(202, ''), says(299, 'null'), tenMegabytes, hangHalfway, resetHalfway);
  for (let tries = 0; tries < 6; tries += 1) await provider.send(message, inTime);
  t.equal(stub.received.length, 6);
});

t.test('who has said yes is not listened to any longer', async (t) => {
  patience(t);
  const { provider, stub } = await webhookSubject(t);
  const { behaviour, ended } = endless();
  stub.next(behaviour);
  await provider.send(message, inTime);
  await ended;
});

t.test('any other status says no', async (t) => {
  const { provider, stub } = await webhookSubject(t);
  for (const status of [300, 304, 307, 400, 404, 429, 500, 503]) {
    stub.next(says(status, '', status === 307 ? { location: `${stub.url}/elsewhere` } : {}));
    await t.rejects(provider.send(message, inTime), { code: 'sms-not-sent' }, String(status));
  }
  t.equal(stub.received.length, 8, 'nothing is tried twice, no redirect is followed');
});

testCanaries(t);
