import { createLogger } from '@vestibule/shared/logger';
import t, { type Test } from 'tap';
import { account, fakeParts } from './harness/fakes.ts';
import { startGateway } from './harness/platform.ts';
import { rawConnection } from './harness/raw.ts';

const fields = '{"id":"51923482","password":"sesame-4711"}';
const login = (extra = '') =>
  `POST /user/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${fields.length}\r\n${extra}\r\n${fields}`;
const live = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n';

/** A listening gateway whose logins wait until they are let go on. */
async function start(t: Test, environment: Record<string, string> = {}) {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { parts, asked } = await fakeParts({
    auth: {
      loginByPassword: async () => {
        await held;
        return { account: account(), token: 'a-token' };
      },
      register: async () => ({ account: account(), token: 'a-token' }),
    },
  });
  const app = await startGateway(t, parts, { environment });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const underWay = async (count: number) => {
    while (asked.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  return { app, letGo, underWay };
}

t.test('a close finishes what is in flight, and leaves no connection open', async (t) => {
  const { app, letGo, underWay } = await start(t);
  const busy = await rawConnection(t, app);
  const idle = await rawConnection(t, app);
  const later = await rawConnection(t, app);
  idle.write(live);
  later.write(live);
  t.match(await idle.until(/"live"/), /connection: keep-alive/i);
  await later.until(/"live"/);
  busy.write(login());
  await underWay(1);

  const closing = app.close();
  later.write('GET /health/ready HTTP/1.1\r\nhost: localhost\r\n\r\n');
  const ready = await later.until(/"closing"/);
  t.match(ready, /HTTP\/1.1 503/, 'not ready at once');
  t.match(ready, /connection: close/i);
  await later.closed;
  await idle.closed;
  t.equal(busy.text(), '', 'what is in flight is not cut off');
  letGo();
  const answer = await busy.until(/a-token/);
  t.match(answer, /HTTP\/1.1 200/);
  t.match(answer, /connection: close/i);
  await busy.closed;
  await closing;
});

t.test('what is no HTTP request is answered 400 with problem details', async (t) => {
  const { app } = await start(t);
  for (const bytes of [
    'nonsense\r\n\r\n',
    'POST /user/login HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n',
  ]) {
    const connection = await rawConnection(t, app);
    connection.write(bytes);
    await connection.closed;
    t.match(connection.text(), /^HTTP\/1.1 400 Bad Request\r\n/);
    t.match(connection.text(), /content-type: application\/problem\+json\r\n/);
    t.match(connection.text(), /x-request-id: [\w-]{36}\r\n/);
    t.match(connection.text(), /\r\n\r\n\{"type":"about:blank","title":"Bad Request","status":400\}$/);
  }
});

t.test('two lengths of one body are refused', async (t) => {
  const { app } = await start(t);
  const connection = await rawConnection(t, app);
  connection.write(login('transfer-encoding: chunked\r\n'));
  await connection.closed;
  t.match(connection.text(), /^HTTP\/1.1 400 /);
});

t.test('too many headers are answered 431', async (t) => {
  const { app } = await start(t);
  const connection = await rawConnection(t, app);
  connection.write(`GET / HTTP/1.1\r\nhost: localhost\r\nx-filler: ${'x'.repeat(20_000)}\r\n\r\n`);
  await connection.closed;
  t.match(connection.text(), /^HTTP\/1.1 431 Request Header Fields Too Large\r\n/);
});

t.test('a request that does not arrive in time is answered 408', async (t) => {
  const { app } = await start(t, { RECEIVE_TIMEOUT_MS: '1000' });
  const headless = await rawConnection(t, app);
  headless.write('POST /user/login HTTP/1.1\r\nhost: localhost\r\n');
  const bodiless = await rawConnection(t, app);
  bodiless.write(login().slice(0, -10));
  await headless.closed;
  t.match(headless.text(), /^HTTP\/1.1 408 Request Timeout\r\n/);
  await bodiless.closed;
  t.match(bodiless.text(), /^HTTP\/1.1 408 Request Timeout\r\n/);
});

t.test('a connection that is closed in the middle of a body disturbs nobody', async (t) => {
  const { app, letGo } = await start(t);
  letGo();
  const gone = await rawConnection(t, app);
  gone.write(login().slice(0, -10));
  gone.socket.end();
  await gone.closed;
  const cut = await rawConnection(t, app);
  cut.write(
    'POST /user/login HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 500\r\n\r\n--b\r\n',
  );
  cut.socket.resetAndDestroy();
  const next = await rawConnection(t, app);
  next.write(login());
  t.match(await next.until(/a-token/), /HTTP\/1.1 200/);
});

t.test('a multipart body without a length is cut off at its limit', async (t) => {
  const { app } = await start(t, { MULTIPART_LIMIT: '4096' });
  const connection = await rawConnection(t, app);
  const head = ['POST /user/register HTTP/1.1', 'host: a', 'content-type: multipart/form-data; boundary=b'];
  connection.write(`${[...head, 'transfer-encoding: chunked'].join('\r\n')}\r\n\r\n`);
  const chunk = (text: string) => connection.write(`${text.length.toString(16)}\r\n${text}\r\n`);
  chunk('--b\r\ncontent-disposition: form-data; name="filler"\r\n\r\n');
  for (let count = 0; count < 5; count += 1) chunk('x'.repeat(1024));
  await connection.closed;
  t.match(connection.text(), /^HTTP\/1.1 413 Payload Too Large\r\n/);
  t.match(connection.text(), /\{"code":400,"msg":"Bad request"\}$/);
});

t.test('connections beyond the limit are refused', async (t) => {
  const { app } = await start(t, { MAX_CONNECTIONS: '2' });
  const first = await rawConnection(t, app);
  const second = await rawConnection(t, app);
  first.write(live);
  second.write(live);
  await Promise.all([first.until(/"live"/), second.until(/"live"/)]);
  const third = await rawConnection(t, app);
  await third.closed;
  t.equal(third.text(), '');
});

t.test('a slow body leaves the whole deadline to the services', async (t) => {
  let now = Date.now();
  let asksForTime = 0;
  const clock = () => {
    asksForTime += 1;
    return now;
  };
  const { parts, asked } = await fakeParts(
    { auth: { loginByPassword: async () => ({ account: account(), token: 'a-token' }) } },
    { clock },
  );
  const app = await startGateway(t, parts);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const connection = await rawConnection(t, app);
  asksForTime = 0;
  connection.write(login().slice(0, -10));
  // The deadline, and when the body began.
  while (asksForTime < 2) await new Promise((resolve) => setImmediate(resolve));
  now += 60_000;
  connection.write(login().slice(-10));
  t.match(await connection.until(/\r\n\r\n\{/), /HTTP\/1.1 200/);
  t.match(asked, [{ context: { deadline: now + 5000 } }]);
});

t.test('a request without the name of its host is refused like any other, with its id', async (t) => {
  const { app } = await start(t);
  const connection = await rawConnection(t, app);
  connection.write('GET /health/live HTTP/1.1\r\nx-request-id: mine\r\nconnection: close\r\n\r\n');
  await connection.closed;
  const [head, body = ''] = connection.text().split('\r\n\r\n');
  t.match(head, /^HTTP\/1.1 400 .*\r\nx-request-id: mine\r\n/s);
  t.match(head, /\r\nx-content-type-options: nosniff\r\n/i);
  t.same(JSON.parse(body), { type: 'about:blank', title: 'Bad Request', status: 400 });

  const older = await rawConnection(t, app);
  older.write('GET /health/live HTTP/1.0\r\n\r\n');
  await older.closed;
  t.match(older.text(), /^HTTP\/1.1 200 /, 'HTTP/1.0 knows no hosts');
});

t.test('an expectation that nobody knows changes no answer', async (t) => {
  const { app } = await start(t);
  const connection = await rawConnection(t, app);
  connection.write(live.replace('\r\n\r\n', '\r\nexpect: something\r\nconnection: close\r\n\r\n'));
  await connection.closed;
  t.match(connection.text(), /^HTTP\/1.1 200 /);
});

t.test(
  'the method QUERY, which no operation has, is answered as unknown without an error in the log',
  async (t) => {
    const { parts } = await fakeParts({});
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ level: 'error', name: 'test', destination });
    const app = await startGateway(t, parts, { logger });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const connection = await rawConnection(t, app);
    connection.write(
      'QUERY /user/login HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}',
    );
    await connection.closed;
    t.match(connection.text(), /^HTTP\/1.1 404 /);
    t.strictSame(lines, []);
  },
);
