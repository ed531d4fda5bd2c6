import t from 'tap';
import { failing } from './failing.ts';
import { endless, gzipBomb, hangHalfway, resetHalfway, says, tenMegabytes } from './stubs.ts';
import { message, secrets, subjects, testCanaries } from './subjects.ts';

const html = '<!doctype html><title>502 Bad Gateway</title>';

for (const name of ['tencent', 'aliyun', 'webhook'] as const) {
  const reason = name === 'webhook' ? 'refused' : 'answer-unusable';

  t.test(`${name}: a redirect is not followed`, async (t) => {
    for (const status of [301, 302, 307, 308]) {
      const elsewhere = await subjects[name](t);
      const { stub, line } = await failing(t, name, says(status, '', { location: elsewhere.stub.url }));
      t.equal(stub.received.length, 1);
      t.strictSame(elsewhere.stub.received, []);
      t.match(line, { reason, status });
    }
  });

  t.test(`${name}: a failing server is not asked again`, async (t) => {
    for (const body of [html, '']) {
      const { stub, line } = await failing(t, name, says(500, body, { 'content-type': 'text/html' }));
      t.equal(stub.received.length, 1);
      t.match(line, { reason, status: 500 });
    }
  });
}

// A webhook's body says nothing, its status is the answer: webhook.test.ts.
for (const name of ['tencent', 'aliyun'] as const) {
  t.test(`${name}: an answer that is not in its form is no success`, async (t) => {
    for (const body of [
      html,
      '',
      'null',
      '[]',
      '{}',
      '"OK"',
      '{"Code":true}',
      '{"Response":{"SendStatusSet":"Ok"}}',
    ]) {
      const { stub, line } = await failing(t, name, says(200, body));
      t.equal(stub.received.length, 1, body);
      t.match(line, { reason: 'answer-unusable', status: 200, maybeSent: true }, body);
    }
  });

  t.test(
    `${name}: an answer of 10 MB is given up, packed or not, and so is one without an end`,
    async (t) => {
      const { behaviour: forEver, ended } = endless();
      for (const behaviour of [tenMegabytes, gzipBomb, forEver]) {
        const { stub, line } = await failing(t, name, behaviour);
        t.equal(stub.received.length, 1);
        t.match(line, { reason: 'answer-unusable', status: 200, maybeSent: true });
      }
      await ended;
    },
  );

  t.test(`${name}: an answer that stops halfway is given up and not asked for again`, async (t) => {
    const { stub, line } = await failing(t, name, hangHalfway, { environment: { SMS_TIMEOUT_MS: '200' } });
    t.ok(stub.received.length < 2);
    t.match(line, { reason: 'timed-out', maybeSent: true });
  });

  t.test(`${name}: an answer that breaks off is given up and not asked for again`, async (t) => {
    const { stub, sent, line } = await failing(t, name, resetHalfway);
    t.equal(stub.received.length, 1);
    t.equal(sent.length, 1);
    t.match(line, { reason: 'answer-unusable', status: 200, maybeSent: true });
  });

  t.test(`${name}: a code, phone or secret where an error code or id should be is not logged`, async (t) => {
    const { phone, code } = message;
    const secret = secrets.tencent + secrets.aliyun;
    for (const echo of [code, phone, `+86${phone}`, `Phone ${phone}: ${code}`, `${secret}: `]) {
      const error = { Code: echo, Message: echo };
      const body = JSON.stringify({ ...error, Response: { Error: error, RequestId: echo }, RequestId: echo });
      const { line } = await failing(t, name, says(200, body));
      t.match(line, { reason: 'refused', providerCode: undefined, providerRequestId: undefined });
    }
  });
}

testCanaries(t);
