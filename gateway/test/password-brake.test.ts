import { AppError } from '@vestibule/shared/errors';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';
import { type Answer, clientOf } from './harness/client.ts';
import { account, fakeParts, liveSession, signingKey } from './harness/fakes.ts';
import { startGateway } from './harness/platform.ts';
import { rawConnection } from './harness/raw.ts';

const pauseMs = 250;

/** A gateway before services that have no room for a password until they are told so. */
async function start(t: Test, environment: Record<string, string> = {}) {
  const clock = movableClock(Date.now());
  const key = signingKey();
  const auth = { hasRoom: false, answers: Promise.resolve() };
  const hash = async <Reply>(reply: Reply): Promise<Reply> => {
    const { hasRoom } = auth;
    await auth.answers;
    if (!hasRoom) throw new AppError('busy', { retryAfterSeconds: 1 });
    return reply;
  };
  const { parts, asked } = await fakeParts(
    {
      auth: {
        register: () => hash({ account: account(), token: 'a-token' }),
        loginByPassword: () => hash({ account: account(), token: 'a-token' }),
        changePassword: () => hash({}),
        publicKeys: async () => ({ keys: [key.jwk] }),
        verifySession: async () => liveSession(),
      },
      user: { get: async () => account() },
      verification: { checkCode: async () => ({}), checkCaptcha: async () => ({}) },
    },
    { clock },
  );
  const app = await startGateway(t, parts, { environment });
  const { post, send } = clientOf(app);
  const token = key.token();
  return {
    app,
    auth,
    clock,
    /** The subjects that were asked since the last time. */
    asked: () => asked.splice(0).map(({ subject }) => subject),
    login: () => post('/user/login/', { id: '51923482', password: 'sesame-4711' }),
    /** A body that nobody can read, from somebody whose token must be asked about. */
    sendUnreadable: (url: string, method: 'POST' | 'PUT' = 'POST') =>
      send(url, '{', { 'content-type': 'application/json', token }, { method }),
    own: () => post('/user/getuser/', { id: '51923482' }, { token }),
  };
}

const seen = ({ status, body, headers }: Answer) => ({ status, body, retryAfter: headers['retry-after'] });
const refused = { status: 503, body: { code: 503, msg: 'Service unavailable' }, retryAfter: '1' };

t.test(
  'after a busy answer no password is asked about, no body read and no token looked at for a while',
  async (t) => {
    const { asked, clock, login, sendUnreadable } = await start(t);
    t.same((await sendUnreadable('/user/login/')).status, 400, 'bodies are read');
    t.same(asked(), []);
    t.same(seen(await login()), refused);
    t.same(asked(), ['auth.login-by-password']);

    t.same(seen(await login()), refused);
    for (const url of ['/user/login/', '/user/register/', '/user/changepassword/']) {
      t.same(seen(await sendUnreadable(url)), refused, url);
    }
    clock.advance(pauseMs - 1);
    t.same(seen(await login()), refused);
    t.same(asked(), []);

    clock.advance(1);
    t.same(seen(await login()), refused);
    t.same(asked(), ['auth.login-by-password'], 'one finds out that there is still no room');
    t.same(seen(await login()), refused);
    t.same(asked(), []);
  },
);

t.test('after the pause passwords go on as long as there is room', async (t) => {
  const { asked, auth, clock, login } = await start(t);
  await login();
  auth.hasRoom = true;
  t.equal((await login()).status, 503);
  clock.advance(pauseMs);
  for (let index = 0; index < 3; index += 1) t.equal((await login()).status, 200);
  t.equal(asked().length, 4);
});

t.test('what was let go on before and is refused meanwhile makes the pause no longer', async (t) => {
  const { asked, auth, clock, login } = await start(t);
  const late = Promise.withResolvers<void>();
  auth.answers = late.promise;
  const before = login();
  await until('it is asked about', () => asked().length === 1);
  auth.answers = Promise.resolve();
  await login();
  clock.advance(pauseMs - 1);
  late.resolve();
  t.same(seen(await before), refused);
  asked();
  clock.advance(1);
  await login();
  t.equal(asked().length, 1);
});

t.test('operations without a password do not notice', async (t) => {
  const { asked, login, own } = await start(t);
  await login();
  t.equal((await login()).status, 503);
  asked();
  t.match(await own(), { status: 200, body: { code: 200 } });
  t.ok(asked().includes('user.get'));
});

t.test('each document has its own answer, whichever of them found out', async (t) => {
  const { login, sendUnreadable } = await start(t);
  await login();
  const away = '服务暂时不可用，请稍后再试';
  const bodies = {
    '/signUp': { cmd: 'signUp', data: [], message: away, status: false },
    '/login': { cmd: 'login', data: [], message: away, status: false },
    '/api/1.0/register': { re_code: '4500', msg: '内部错误' },
    '/api/1.0/sessions': { re_code: '4500', msg: '内部错误' },
  };
  for (const [url, body] of Object.entries(bodies)) {
    const answer = await sendUnreadable(url, url === '/signUp' ? 'PUT' : 'POST');
    t.same(seen(answer), { status: 503, body, retryAfter: '1' }, url);
    t.match(answer.headers, {
      'cache-control': 'no-store',
      'x-request-id': /./,
      'x-content-type-options': 'nosniff',
    });
  }
});

t.test('PASSWORD_PAUSE_MS=0 lets each ask', async (t) => {
  const { asked, login } = await start(t, { PASSWORD_PAUSE_MS: '0' });
  await login();
  await login();
  t.equal(asked().length, 2);
});

t.test('a connection lives on, whatever of the body has come', async (t) => {
  const { app, login } = await start(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  await login();
  const connection = await rawConnection(t, app);
  const head = 'POST /user/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
  connection.write(`${head}content-length: 60000\r\n\r\n{`);
  t.match(await connection.until(/unavailable/), /^HTTP\/1.1 503/, 'answered before it has come');
  connection.write('x'.repeat(59_999));
  connection.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
  t.match(await connection.until(/"live"/), /HTTP\/1.1 200/);
});
