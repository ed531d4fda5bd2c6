import { freePort } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { failing, patience } from './failing.ts';
import { babble, hang, hangUp, hangUpInHead, late, reset, resetAfterwards } from './stubs.ts';
import { inTime, message, now, subjects, testCanaries } from './subjects.ts';

for (const name of ['tencent', 'aliyun', 'webhook'] as const) {
  t.test(`${name}: when the connection breaks under the request, the same is tried once more`, async (t) => {
    for (const behaviour of [reset, hangUp]) {
      const { provider, stub, sent, logs } = await subjects[name](t);
      stub.next(behaviour);
      await provider.send(message, inTime);
      t.equal(sent.length, 1);
      t.equal(stub.received.length, 2);
      t.strictSame(stub.received[0], stub.received[1]);
      t.match(JSON.parse(logs.text()), { level: 'info', repeated: true });
    }
  });

  t.test(
    `${name}: an SMS taken before the connection broke is not doubled, and counts as sent`,
    async (t) => {
      const { provider, stub, sent, logs } = await subjects[name](t);
      stub.next(resetAfterwards);
      await provider.send(message, inTime);
      t.equal(sent.length, 1);
      t.equal(stub.received.length, 2);
      t.match(JSON.parse(logs.text()), { level: 'info', repeated: true });
    },
  );

  t.test(`${name}: connections that always break are given up after the second`, async (t) => {
    const { stub, sent, line } = await failing(t, name, reset);
    t.equal(stub.received.length, 2);
    t.strictSame(sent, []);
    t.match(line, { reason: 'connection-lost', fault: 'ECONNRESET', maybeSent: true });
  });

  t.test(`${name}: a refused connection is tried once more; nothing was sent`, async (t) => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const tries = t.capture(globalThis, 'fetch', globalThis.fetch);
    const { line } = await failing(t, name, hang, {
      environment: { SMS_TENCENT_BASE_URL: nobody, SMS_ALIYUN_BASE_URL: nobody, SMS_WEBHOOK_URL: nobody },
    });
    t.equal(tries().length, 2);
    t.match(line, { reason: 'unreachable', fault: 'ECONNREFUSED', maybeSent: false });
  });

  t.test(`${name}: an answer that has begun is not asked for again`, async (t) => {
    for (const behaviour of [hangUpInHead, babble]) {
      const { stub, line } = await failing(t, name, behaviour);
      t.equal(stub.received.length, 1);
      t.match(line, { reason: 'connection-lost', maybeSent: true });
    }
  });

  t.test(`${name}: each SMS has a connection of its own, not one that may be closed just now`, async (t) => {
    const { provider, stub } = await subjects[name](t);
    await provider.send(message, inTime);
    t.equal(stub.received[0]?.headers.get('connection'), 'close');
  });

  t.test(`${name}: no answer in time is given up and not tried again`, async (t) => {
    const { asked, over } = patience(t);
    const { stub, line } = await failing(t, name, over, { environment: { SMS_TIMEOUT_MS: '1234' } });
    t.strictSame(asked, [1234]);
    t.equal(stub.received.length, 1);
    t.match(line, { reason: 'timed-out', maybeSent: true });
  });

  t.test(`${name}: a second try has what is left of the time`, async (t) => {
    const { asked, over } = patience(t);
    const { provider, stub, logs } = await subjects[name](t);
    stub.next(reset, over);
    await t.rejects(provider.send(message, inTime), { code: 'sms-not-sent' });
    t.strictSame(asked, [2000]);
    t.equal(stub.received.length, 2);
    t.match(JSON.parse(logs.text()), { reason: 'timed-out' });
  });

  t.test(
    `${name}: a provider that never answers is waited for no longer than the setting says`,
    async (t) => {
      const { line } = await failing(t, name, hang, { environment: { SMS_TIMEOUT_MS: '100' } });
      t.match(line, { reason: 'timed-out' });
    },
  );

  t.test(`${name}: an answer after the deadline comes too late, and nothing is tried again`, async (t) => {
    const { asked, over } = patience(t);
    const { behaviour, release } = late();
    const { stub, sent, line } = await failing(
      t,
      name,
      (exchange) => {
        behaviour(exchange);
        over();
      },
      { deadline: now + 100.5 },
    );
    release();
    t.strictSame(asked, [100], 'the deadline is earlier than the 2 s of the setting');
    t.match(line, { reason: 'timed-out', maybeSent: true });
    t.equal(stub.received.length, 1);
    t.equal(sent.length, 1, 'the provider took it all the same');
  });

  t.test(`${name}: with the deadline over nothing is sent`, async (t) => {
    for (const deadline of [now, now - 1, now + 0.5]) {
      const { stub, line } = await failing(t, name, hang, { deadline });
      t.equal(stub.received.length, 0);
      t.match(line, { reason: 'too-late', maybeSent: false });
    }
  });
}

testCanaries(t);
