import { freePort } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';
import { mayHaveBeenSent } from '../../src/providers/send-fault.ts';
import {
  type Behaviour,
  endless,
  gzipBomb,
  hang,
  hangHalfway,
  hangUp,
  late,
  reset,
  resetAfterwards,
  resetHalfway,
  says,
  tenMegabytes,
} from './stubs.ts';
import { inTime, message, now, secrets, subjects } from './subjects.ts';

const html = '<!doctype html><title>502 Bad Gateway</title>';
/** All that was logged by any test here. */
let everyLine = '';

for (const [name, start] of Object.entries(subjects)) {
  const begin = async (t: Test, environment = {}) => {
    const subject = await start(t, { environment });
    t.teardown(() => {
      everyLine += subject.logs.text();
    });
    return subject;
  };
  /** A send that meets nothing but this, and fails: what is thrown, and the line that is logged. */
  const failing = async (t: Test, behaviour: Behaviour, environment = {}, options = inTime) => {
    const subject = await begin(t, environment);
    subject.stub.always(behaviour);
    const error = await subject.provider.send(message, options).then(
      () => t.fail('the SMS counts as sent'),
      (error: unknown) => error,
    );
    t.match(error, { name: 'AppError', code: 'sms-not-sent', details: {} });
    const line = JSON.parse(subject.logs.text());
    t.match(line, { level: 'warn', provider: name, phoneEnd: '78', requestId: message.requestId });
    t.equal(line.maybeSent, mayHaveBeenSent(error));
    subject.logs.logger.error({ err: error }, 'as a handler that fails is logged');
    return { ...subject, error, line };
  };

  t.test(
    `${name}: a connection that breaks under the request is tried once more, and one SMS is sent`,
    async (t) => {
      for (const behaviour of [reset, hangUp]) {
        const { provider, stub, sent, logs } = await begin(t);
        stub.next(behaviour);
        await provider.send(message, inTime);
        t.equal(sent.length, 1);
        t.equal(stub.received.length, 2);
        t.strictSame(stub.received[0], stub.received[1], 'the second try is the same request');
        t.match(JSON.parse(logs.text()), { level: 'info', repeated: true });
      }
    },
  );

  t.test(
    `${name}: an SMS taken just before the connection broke is not sent again, and counts as sent`,
    async (t) => {
      const { provider, stub, sent, logs } = await begin(t);
      stub.next(resetAfterwards);
      await provider.send(message, inTime);
      t.equal(sent.length, 1);
      t.equal(stub.received.length, 2);
      t.match(JSON.parse(logs.text()), { level: 'info', repeated: true });
    },
  );

  t.test(`${name}: connections that break every time are given up after the second`, async (t) => {
    const { stub, sent, line } = await failing(t, reset);
    t.equal(stub.received.length, 2);
    t.strictSame(sent, []);
    t.match(line, { reason: 'connection-lost', fault: 'ECONNRESET', maybeSent: true });
  });

  t.test(
    `${name}: a connection that is refused is tried once more and then given up, and sent nothing`,
    async (t) => {
      const nobody = `http://127.0.0.1:${await freePort()}`;
      const tries = t.capture(globalThis, 'fetch', globalThis.fetch);
      const { line } = await failing(t, hang, {
        SMS_TENCENT_BASE_URL: nobody,
        SMS_ALIYUN_BASE_URL: nobody,
        SMS_WEBHOOK_URL: nobody,
      });
      t.equal(tries().length, 2);
      t.match(line, { reason: 'unreachable', fault: 'ECONNREFUSED', maybeSent: false });
    },
  );

  t.test(`${name}: no answer in time is given up, not tried again`, async (t) => {
    const { stub, line } = await failing(t, hang, { SMS_TIMEOUT_MS: '100' });
    t.equal(stub.received.length, 1);
    t.match(line, { reason: 'timed-out', maybeSent: true });
  });

  t.test(`${name}: an answer after the deadline comes too late, and nothing is tried again`, async (t) => {
    const { behaviour, release } = late();
    const { stub, sent, line } = await failing(
      t,
      behaviour,
      { SMS_TIMEOUT_MS: '30000' },
      { deadline: now + 100.5 },
    );
    release();
    t.match(line, { reason: 'timed-out', maybeSent: true });
    t.equal(stub.received.length, 1);
    t.equal(sent.length, 1, 'the provider took it all the same');
  });

  t.test(`${name}: with its deadline over nothing leaves the house`, async (t) => {
    for (const deadline of [now, now - 1, now + 0.5]) {
      const { stub, line } = await failing(t, hang, {}, { deadline });
      t.equal(stub.received.length, 0);
      t.match(line, { reason: 'too-late', maybeSent: false });
    }
  });

  t.test(`${name}: a redirect is not followed`, async (t) => {
    for (const status of [301, 302, 307, 308]) {
      const elsewhere = await begin(t);
      const { stub, line } = await failing(t, says(status, '', { location: elsewhere.stub.url }));
      t.equal(stub.received.length, 1);
      t.strictSame(elsewhere.stub.received, []);
      t.equal(line.status, status);
      t.equal(line.reason, name === 'webhook' ? 'refused' : 'answer-unusable');
    }
  });

  t.test(`${name}: a failing server is not asked again`, async (t) => {
    for (const body of [html, '']) {
      const { stub, line } = await failing(t, says(500, body, { 'content-type': 'text/html' }));
      t.equal(stub.received.length, 1);
      t.equal(line.status, 500);
      t.equal(line.reason, name === 'webhook' ? 'refused' : 'answer-unusable');
    }
  });
  // A webhook's body says nothing: its status is the answer.
  if (name === 'webhook') continue;

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
      const { stub, line } = await failing(t, says(200, body));
      t.equal(stub.received.length, 1, body);
      t.match(line, { reason: 'answer-unusable', status: 200, maybeSent: true }, body);
    }
  });

  t.test(
    `${name}: an answer of 10 MB is given up, packed or not, and so is one without an end`,
    async (t) => {
      for (const behaviour of [tenMegabytes, gzipBomb]) {
        const { stub, line } = await failing(t, behaviour);
        t.equal(stub.received.length, 1);
        t.match(line, { reason: 'answer-unusable', status: 200, maybeSent: true });
      }
      const { behaviour, ended } = endless();
      const { line } = await failing(t, behaviour);
      t.match(line, { reason: 'answer-unusable', status: 200, maybeSent: true });
      await ended;
    },
  );

  t.test(`${name}: an answer that stops halfway is given up in time, not asked for again`, async (t) => {
    const hanging = await failing(t, hangHalfway, { SMS_TIMEOUT_MS: '100' });
    t.equal(hanging.stub.received.length, 1);
    t.match(hanging.line, { reason: 'timed-out', maybeSent: true });
    const broken = await failing(t, resetHalfway);
    t.equal(broken.stub.received.length, 1);
    t.equal(broken.sent.length, 1);
    t.match(broken.line, { reason: 'answer-unusable', status: 200, maybeSent: true });
  });

  t.test(
    `${name}: what a provider says of codes and phones in its own codes and ids is not logged`,
    async (t) => {
      const { phone, code } = message;
      for (const echo of [
        code,
        phone,
        `+86${phone}`,
        `Phone ${phone}: ${code}`,
        secrets.tencent + secrets.aliyun,
      ]) {
        const Response = { Error: { Code: `${echo} `, Message: echo }, RequestId: echo };
        await failing(
          t,
          says(200, JSON.stringify({ Response, Code: `${echo} `, Message: echo, RequestId: echo })),
        );
      }
    },
  );
}

t.test('no line that was logged above holds a code, a phone, a secret or a signature', async (t) => {
  t.ok(everyLine.split('\n').length > 100, 'there are lines');
  const canaries = [message.code, message.phone, message.phone.slice(2), ...Object.values(secrets)];
  for (const canary of [...canaries, 'Signature=', 'x-signature', 'TemplateParam']) {
    t.equal(everyLine.includes(canary), false, canary);
  }
});
