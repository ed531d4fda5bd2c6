import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { pictureFile, signUpFields } from './harness/accounts.ts';
import { clientOf } from './harness/client.ts';
import { account, fakeParts } from './harness/fakes.ts';
import { jpeg, pngOfBytes } from './harness/pictures.ts';
import { startGateway } from './harness/platform.ts';
import { rawConnection } from './harness/raw.ts';

const limit = 30_720;
const refused = (message: string) => ({ cmd: 'signUp', data: [], message, status: false });
const tooLarge = refused('请求内容过大');

/** A gateway whose auth service takes every sign-up. */
async function start(t: Test, environment: Record<string, string> = {}) {
  const { parts, asked } = await fakeParts({
    auth: { register: async () => ({ account: account({ status: 'pending' }), token: 'a-token' }) },
  });
  const app = await startGateway(t, parts, { environment: { LIMITS: 'off', ...environment } });
  const client = clientOf(app);
  const signUp = (fields: object) =>
    client.post('/signUp', { ...signUpFields(), ...fields }, { kind: 'multipart', method: 'PUT' });
  return { app, asked, client, signUp };
}

t.test('a picture of 30,720 bytes reaches the service whole, one more is refused', async (t) => {
  const { signUp, asked } = await start(t);
  const largest = pngOfBytes(limit);
  t.match(await signUp({ avatar: pictureFile(largest) }), { status: 200, body: { status: true } });
  t.match(asked, [
    { input: { avatar: { contentType: 'image/png', data: largest.toString('base64') }, status: 'pending' } },
  ]);
  const message = '头像（avatar）文件最大30k（30720字节）';
  for (const size of [limit + 1, 65_536, 200_000]) {
    const { status, body, headers } = await signUp({ avatar: pictureFile(pngOfBytes(size)) });
    t.equal(status, 200, `${size}`);
    t.strictSame(body, refused(message));
    t.not(headers.connection, 'close', 'the next request may come on the same connection');
  }
  const trailing = Buffer.concat([jpeg, Buffer.alloc(limit)]);
  const file = pictureFile(trailing, 'me.jpg', 'image/jpeg');
  t.strictSame((await signUp({ avatar: file })).body, refused(message), 'counted before it is cleaned');
  t.equal(asked.length, 1);
});

t.test('a whole body over its limit, a second file, and too many fields answer 413', async (t) => {
  const { client, asked, signUp } = await start(t);
  const whole = await signUp({ avatar: pictureFile(pngOfBytes(262_144)) });
  t.equal(whole.status, 413);
  t.strictSame(whole.body, tooLarge);
  const second = await signUp({ avatar: pictureFile(), photo: pictureFile() });
  t.equal(second.status, 413);
  t.strictSame(second.body, tooLarge);
  const fields = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`field-${index}`, 'x']));
  const many = await signUp({ avatar: pictureFile(), ...fields });
  t.equal(many.status, 413);
  t.strictSame(many.body, tooLarge);
  const elsewhere = { nickname: 'sara', avatar: pictureFile() };
  const login = await client.post('/login', elsewhere, { kind: 'multipart' });
  t.equal(login.status, 413, 'other operations take no file');
  t.strictSame(login.body, { ...tooLarge, cmd: 'login' });
  t.strictSame(asked, []);
});

const boundary = 'the-boundary';
const opening = [
  `--${boundary}`,
  'content-disposition: form-data; name="avatar"; filename="me.png"',
  'content-type: image/png',
  '',
  '',
].join('\r\n');
const head = (length: string) =>
  [
    'PUT /signUp HTTP/1.1',
    'host: localhost',
    `content-type: multipart/form-data; boundary=${boundary}`,
    length,
    '',
    opening,
  ].join('\r\n');

t.test('an upload that ends in the middle of its file answers 400', async (t) => {
  const { client, asked } = await start(t);
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  const { status, body } = await client.send('/signUp', opening, headers, { method: 'PUT' });
  t.equal(status, 400);
  t.strictSame(body, refused('请求内容无法解析'));
  t.strictSame(asked, []);
});

t.test('an upload without a stated length is cut off at the limit', async (t) => {
  const { app } = await start(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const connection = await rawConnection(t, app);
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
  const [lines = '', body = ''] = head('transfer-encoding: chunked').split('\r\n\r\n--');
  connection.write(`${lines}\r\n\r\n${chunk(`--${body}`)}`);
  const piece = chunk('x'.repeat(16_384));
  for (let sent = 0; sent < 64 && !connection.socket.destroyed; sent += 1) connection.write(piece);
  await connection.closed;
  t.match(connection.text(), /^HTTP\/1\.1 413 /);
  t.match(connection.text(), /"cmd":"signUp","data":\[\],"message":"请求内容过大","status":false/);
});

t.test('an upload that comes too slowly is ended by the server', async (t) => {
  const { app, asked } = await start(t, { RECEIVE_TIMEOUT_MS: '1000' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const connection = await rawConnection(t, app);
  connection.write(head('content-length: 20000'));
  const trickle = setInterval(() => connection.write('x'), 100);
  t.teardown(() => clearInterval(trickle));
  await connection.closed;
  t.match(connection.text(), /^HTTP\/1\.1 408 Request Timeout\r\n/);
  t.strictSame(asked, []);
  const live = await rawConnection(t, app);
  live.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await live.until(/"live"/);
});

t.test('50 uploads at once, each as large as one may be, keep less than 64 MiB', async (t) => {
  const { app } = await start(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the gateway does not listen');
  const size = 250_000;
  const before = process.memoryUsage();
  let highest = 0;
  const sockets = Array.from({ length: 50 }, () => connect(address.port, '127.0.0.1'));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const closing = `\r\n--${boundary}--\r\n`;
  const start50 = head(`content-length: ${opening.length + size + closing.length}`);
  const answers = sockets.map((socket) => once(socket, 'data'));
  for (const socket of sockets) socket.write(start50);
  const piece = Buffer.alloc(10_000, 120);
  for (let sent = 0; sent < size; sent += piece.length) {
    await Promise.all(
      sockets.map((socket) => new Promise<void>((resolve) => socket.write(piece, () => resolve()))),
    );
    const { rss } = process.memoryUsage();
    highest = Math.max(highest, rss - before.rss);
  }
  for (const socket of sockets) socket.write(closing);
  for (const [bytes] of await Promise.all(answers)) {
    t.match(String(bytes), /^HTTP\/1\.1 200 OK\r\n/);
  }
  t.ok(
    highest < 64 * 1024 * 1024,
    `grew by ${Math.round(highest / 1024 / 1024)} MiB, the clients' part included`,
  );
});
