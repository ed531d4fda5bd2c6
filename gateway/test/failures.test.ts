import { memoryBus } from '@vestibule/shared/bus/memory-bus';
import { AppError, type ErrorCode } from '@vestibule/shared/errors';
import { createLogger } from '@vestibule/shared/logger';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import { logLines } from '@vestibule/shared/test/log-lines';
import t from 'tap';
import { clientOf } from './harness/client.ts';
import { fakeParts } from './harness/fakes.ts';
import { startGateway } from './harness/platform.ts';

const login = { id: '51923482', password: 'sesame-4711' };
const openid = 'o-secret';

/** What the services fail with; the test sets it. */
let failure: () => Promise<never> = () => Promise.reject(new AppError('internal'));
const { parts } = await fakeParts({
  auth: { loginByPassword: () => failure(), loginByOpenid: () => failure(), exchangeCode: () => failure() },
  user: { find: () => failure() },
});
const log = logLines();
// What was asked before changes nothing here.
const environment = { REQUEST_DEADLINE_MS: '150', LIMITS: 'off', PASSWORD_PAUSE_MS: '0' };
const client = clientOf(await startGateway(t, parts, { environment, logger: log.logger }));

/** What a failure is answered by charity's login and by openid's operations of both kinds. */
async function answersTo(fails: typeof failure) {
  failure = fails;
  const charity = await client.post('/user/login/', login);
  const get = await client.post('/service/user/get', { openid });
  const history = await client.post('/service/user/getHistory', { openid });
  return { charity, get, history };
}
const codeOf = ({ body }: { body: unknown }) => (body as { code: number }).code;

type Row = [http: number, charity: number, charityWords: string, get: number, history: number];
const away: Row = [503, 503, 'Service unavailable', -3, -2];
const fault: Row = [500, 500, 'Internal error', -3, -2];
const rows: Partial<Record<ErrorCode, Row>> = {
  unavailable: away,
  'deadline-passed': away,
  'database-unavailable': away,
  'store-unavailable': away,
  busy: away,
  internal: fault,
  'contract-violated': fault,
  // Codes that these operations' contracts do not name.
  'identity-taken': fault,
  'wechat-refused': fault,
};
for (const [code, [http, number, words, get, history]] of Object.entries(rows)) {
  t.test(`a service that fails with ${code} is answered in each dialect's own words`, async (t) => {
    const answers = await answersTo(() => Promise.reject(new AppError(code as ErrorCode)));
    t.strictSame(answers.charity.body, { code: number, msg: words });
    t.match(answers.get.body, { code: get, msg: /^\p{Script=Han}/u, data: [] });
    t.equal(codeOf(answers.history), history);
    for (const answer of Object.values(answers)) {
      t.equal(answer.status, http);
      t.equal(answer.headers['retry-after'], http === 503 ? '2' : undefined);
    }
  });
}

t.test('a limit says when to come back, a minute later when nobody knows better', async (t) => {
  const limited = async (details: object) => {
    failure = () => Promise.reject(new AppError('rate-limited', details));
    const { status, body, headers } = await client.post('/user/login/', login);
    t.equal(status, 429);
    t.strictSame(body, { code: 429, msg: 'Too many requests' });
    return headers['retry-after'];
  };
  t.equal(await limited({ retryAfterSeconds: 812 }), '812');
  t.equal(await limited({ retryAfterSeconds: 0 }), '1');
  t.equal(await limited({}), '60');
});

t.test('an unexpected error tells the client nothing, and the log the request', async (t) => {
  log.clear();
  const { charity } = await answersTo(() => Promise.reject(new Error('relation "accounts" at db-7 is gone')));
  t.equal(charity.status, 500);
  t.notMatch(JSON.stringify(charity), /accounts|db-7/);
  const id = String(charity.headers['x-request-id']);
  t.ok(log.text().includes(id));
});

t.test('a service that never answers is answered 503 before the deadline is long over', async (t) => {
  const began = performance.now();
  const { charity, get, history } = await answersTo(() => new Promise(() => {}));
  t.ok(performance.now() - began < 3000);
  t.equal(charity.status, 503);
  t.strictSame(charity.body, { code: 503, msg: 'Service unavailable' });
  t.equal(get.status, 503);
  t.equal(codeOf(get), -3);
  t.equal(codeOf(history), -2);
});

t.test('with no service on the bus each operation answers 503 at once', async (t) => {
  const logger = createLogger({ level: 'silent', name: 'test' });
  const alone = {
    bus: memoryBus({ clock: Date.now, logger }),
    store: memoryStore({ clock: Date.now }),
    clock: Date.now,
  };
  const lonely = clientOf(await startGateway(t, alone));
  const answer = await lonely.post('/user/login', login);
  t.equal(answer.status, 503);
  t.strictSame(answer.body, { code: 503, msg: 'Service unavailable' });
  t.equal(answer.headers['retry-after'], '2');
  const jwks = await lonely.get('/.well-known/jwks.json');
  t.equal(jwks.status, 503);
  t.strictSame(jwks.body, { type: 'about:blank', title: 'Service Unavailable', status: 503 });
});

t.test('WeChat away is a failure, WeChat refusing is an answer', async (t) => {
  const getOpenid = async (code: ErrorCode) => {
    failure = () => Promise.reject(new AppError(code));
    return client.post('/service/user/getOpenid', { js_code: 'a' });
  };
  const refused = await getOpenid('wechat-refused');
  t.equal(refused.status, 200);
  t.strictSame(refused.body, { code: -2, msg: '微信不接受此js_code', data: [] });
  const unreachable = await getOpenid('wechat-unavailable');
  t.equal(unreachable.status, 503);
  t.equal(codeOf(unreachable), -2);
  t.equal(unreachable.headers['retry-after'], '2');
});

t.test('a path or method that does not exist answers 404 with problem details', async (t) => {
  const notFound = { type: 'about:blank', title: 'Not Found', status: 404 };
  const json = { 'content-type': 'application/json' };
  const answers = {
    'another path': await client.post('/nowhere', {}),
    'a path below a dialect': await client.post('/user/nowhere/', {}),
    'another method': await client.get('/service/user/login/'),
    'two slashes': await client.post('/user/login//', {}),
    capitals: await client.post('/User/login', {}),
    'a body that cannot be read': await client.send('/nowhere', '{', json),
    'a content type that is none': await client.send('/nowhere', '{', { 'content-type': ' ' }),
    'a URL that cannot be decoded': await client.post('/user/%zz', {}),
    'a prototype': await client.get('/__proto__'),
  };
  for (const [name, { status, body, headers }] of Object.entries(answers)) {
    t.equal(status, 404, name);
    t.strictSame(body, notFound, name);
    t.equal(headers['content-type'], 'application/problem+json; charset=utf-8', name);
    t.match(headers['x-request-id'], /^[\w-]{36}$/, name);
  }
});

t.test("every answer carries a request id: the client's own when it is sane", async (t) => {
  failure = () => Promise.reject(new AppError('account-unknown'));
  const idOf = async (given?: string) => {
    const headers = given === undefined ? {} : { 'x-request-id': given };
    const answer = await client.post('/service/user/get', { openid }, { headers });
    return String(answer.headers['x-request-id']);
  };
  for (const given of ['a', 'Order-66_b.c', 'x'.repeat(128)]) t.equal(await idOf(given), given);
  const own = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
  for (const given of [undefined, '', 'a b', 'ä', 'a/b', 'a$b', 'x'.repeat(129)])
    t.match(await idOf(given), own);
});

t.test('security headers are on every answer', async (t) => {
  const answers = [
    await client.post('/user/login', login),
    await client.get('/nowhere'),
    await client.get('/health/live'),
    await client.get('/openapi.json'),
  ];
  for (const answer of answers) {
    t.match(answer.headers, {
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'strict-transport-security': /^max-age=[1-9]\d{7}/,
    });
    t.match(answer.headers['x-request-id'], /^[\w-]{36}$/);
    t.notOk(answer.headers['x-powered-by']);
  }
});

t.test('the log holds no password, token or openid of a request, answered or refused', async (t) => {
  log.clear();
  const token = 'secret.token.value';
  await answersTo(() => Promise.reject(new AppError('unavailable')));
  await answersTo(() => Promise.reject(new Error('unexpected')));
  await client.post('/user/getuser', { id: '51923482' }, { token });
  await client.get(`/service/user/get?openid=${openid}&token=${token}`);
  await client.send('/user/login', `{"password":"sesame-4711" "id"}`, { 'content-type': 'application/json' });
  await client.send('/user/login', 'password=sesame-4711', { 'content-type': 'text/plain' });
  t.ok(log.text().length > 0);
  t.notMatch(log.text(), /sesame-4711|o-secret|secret\.token/);
});
