import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { LiveSession } from '@vestibule/shared/contracts/auth';
import { AppError } from '@vestibule/shared/errors';
import { copyTtlMs } from '@vestibule/shared/session-copies';
import type { Store } from '@vestibule/shared/store/store';
import t from 'tap';
import { clientOf } from './harness/client.ts';
import { liveSession, sessionId } from './harness/fakes.ts';
import { id, startWithSession, type Verify } from './harness/one-session.ts';
import { startGateway } from './harness/platform.ts';

const loginAgain = { code: 401, msg: 'please login again' };
const good = { code: 200, data: { id } };
const notEnough = { code: 401, msg: "you don't enough permissions" };

t.test('a token is found in each of its places', async (t) => {
  const { own, token } = await startWithSession(t);
  t.match(await own({ authorization: `Bearer ${token}` }), good);
  t.match(await own({ authorization: `bearer  ${token}` }), good);
  t.match(await own({ token }), good);
  t.match(await own({ cookie: `session=${token}` }), good);
  t.match(await own({ cookie: `a=b; session=${token}; c=d` }), good);
  t.strictSame(await own({ authorization: token }), loginAgain);
  t.strictSame(await own({ authorization: `Basic ${token}` }), loginAgain);
  t.strictSame(await own({ 'x-token': token }), loginAgain);
  t.strictSame(await own({ cookie: `__Host-session=${token}` }), loginAgain);
  t.strictSame(await own({}), loginAgain);
});

t.test('a token in a URL or in a body is none', async (t) => {
  const { client, token } = await startWithSession(t);
  const urls = [`/user/getuser/?token=${token}`, `/user/getuser/?access_token=${token}&session=${token}`];
  for (const url of urls) {
    t.strictSame(
      (await client.post(url, { id, token, access_token: token, session: token })).body,
      loginAgain,
    );
  }
});

t.test('of several tokens the first place that holds one decides, dead or alive', async (t) => {
  const { own, token } = await startWithSession(t);
  const bearer = { authorization: `Bearer ${token}` };
  t.match(await own({ ...bearer, token: 'nonsense', cookie: 'session=nonsense' }), good);
  t.match(await own({ token, cookie: 'session=nonsense' }), good);
  t.strictSame(await own({ authorization: 'Bearer nonsense', token }), loginAgain);
  t.strictSame(await own({ token: 'nonsense', cookie: `session=${token}` }), loginAgain);
  t.match(await own({ authorization: 'Basic abc', token }), good, 'what is no bearer holds none');
  t.match(
    await own({ authorization: 'Bearer ', token: '', cookie: `session=${token}` }),
    good,
    'nor what is empty',
  );
});

t.test('in production the cookie is bound to its host by its name', async (t) => {
  const { own, token } = await startWithSession(t, { environment: { NODE_ENV: 'production' } });
  t.match(await own({ cookie: `__Host-session=${token}` }), good);
  t.strictSame(await own({ cookie: `session=${token}` }), loginAgain);
});

t.test('a token that auth did not sign so is refused', async (t) => {
  const { own, key, clock, countOf } = await startWithSession(t);
  const now = Math.floor(clock() / 1000);
  const other = generateKeyPairSync('ed25519').privateKey;
  const [head = '', payload = '', signature = ''] = key.token().split('.');
  const unsigned = `${Buffer.from('{"alg":"none","typ":"session+jwt","kid":"key-1"}').toString('base64url')}.${payload}.`;
  const hmac = (input: string) => createHmac('sha256', key.publicPem).update(input).digest();
  const forged: Record<string, string> = {
    'by another key': key.token({}, {}, other),
    'with another session': [
      head,
      Buffer.from('{"sid":"another-session-id"}').toString('base64url'),
      signature,
    ].join('.'),
    'without a signature': `${head}.${payload}.`,
    'by the algorithm none': unsigned,
    'by HMAC with the public key': key.token({}, { alg: 'HS256' }, hmac),
    'for another audience': key.token({ aud: 'another' }),
    'for no audience': key.token({ aud: undefined }),
    'by another issuer': key.token({ iss: 'another' }),
    'as another type': key.token({}, { typ: 'JWT' }),
    'as no type': key.token({}, { typ: undefined }),
    'with a critical header': key.token({}, { crit: ['exp'] }),
    expired: key.token({ exp: now }),
    'without an end': key.token({ exp: undefined }),
    'with an end that is text': key.token({ exp: 'never' }),
    'without a session': key.token({ sid: undefined }),
    'with a subject that is no account': key.token({ sub: 'sara' }),
    'with a key of its own': key.token({}, { jwk: key.jwk, kid: undefined }),
    'cut off': key.token().slice(0, -4),
    'with another part': `${key.token()}.x`,
    nonsense: 'nonsense',
    dots: '..',
  };
  for (const [name, token] of Object.entries(forged)) {
    t.strictSame(await own({ token }), loginAgain, name);
    t.strictSame(await own({ authorization: `Bearer ${token}` }), loginAgain, name);
  }
  t.equal(countOf('auth.verify-session'), 0, 'none of them is asked about');
  t.match(await own({ token: key.token({ exp: now + 1 }) }), good);
  clock.advance(1000);
  t.strictSame(await own({ token: key.token({ exp: now + 1 }) }), loginAgain, 'a second later it is over');
});

t.test('a token is good until its session says otherwise, whoever asks', async (t) => {
  let verify: Verify = async () => liveSession();
  const { own, token } = await startWithSession(t, { verify: () => verify() });
  t.match(await own({ token }), good);
  verify = () => Promise.reject(new AppError('session-dead'));
  t.strictSame(await own({ token }), loginAgain);
  verify = async () => ({ sessionId, account: null, openidHash: 'hash' });
  t.strictSame(await own({ token }), loginAgain, 'a proved openid without an account has no record');
});

t.test('copies spare auth the question', async (t) => {
  const { own, token, copies, row, access, clock, countOf } = await startWithSession(t);
  await copies.fillSession(row, clock());
  await copies.fillAccess(access, clock());
  for (let call = 0; call < 10; call += 1) t.match(await own({ token }), good);
  t.equal(countOf('auth.verify-session'), 0);
  t.equal(countOf('auth.public-keys'), 1);

  t.test('a dropped copy makes auth decide, each time', async (t) => {
    await copies.raiseAccess(Number(id), 2);
    t.match(await own({ token }), good);
    t.match(await own({ token }), good);
    t.equal(countOf('auth.verify-session'), 2);
  });

  t.test('an ended session is refused by its copy', async (t) => {
    await copies.fillSession({ ...row, ended: true }, clock());
    t.strictSame(await own({ token }), loginAgain);
    t.equal(countOf('auth.verify-session'), 2);
  });
});

t.test('a copy is believed for five seconds', async (t) => {
  const { own, token, copies, row, access, clock, countOf } = await startWithSession(t);
  await copies.fillSession(row, clock());
  await copies.fillAccess(access, clock());
  clock.advance(copyTtlMs - 1);
  await own({ token });
  t.equal(countOf('auth.verify-session'), 0);
  clock.advance(1);
  await own({ token });
  t.equal(countOf('auth.verify-session'), 1);
});

t.test('role and status of the copy count, not those of an earlier call', async (t) => {
  const { client, token, copies, row, access, clock } = await startWithSession(t);
  const search = async () => (await client.post('/user/search/', {}, { token })).body;
  await copies.fillSession(row, clock());
  await copies.fillAccess(access, clock());
  t.strictSame(await search(), notEnough);
  await copies.fillAccess({ ...access, role: 'admin', version: 2 }, clock());
  t.match(await search(), { code: 200 });
  await copies.fillAccess({ ...access, role: 'admin', status: 'pending', version: 3 }, clock());
  t.strictSame(await search(), { code: 403, msg: 'Account status is abnormal' });
  await copies.fillAccess({ ...access, role: 'admin', status: 'frozen', version: 4 }, clock());
  t.strictSame(await search(), loginAgain);
});

t.test('without the store auth decides', async (t) => {
  const { key, parts, countOf } = await startWithSession(t);
  const away = () => Promise.reject(new AppError('store-unavailable'));
  const store: Store = { ...parts.store, getMany: away, count: away };
  const client = clientOf(await startGateway(t, { ...parts, store }));
  t.match((await client.post('/user/getuser/', { id }, { token: key.token() })).body, good);
  t.equal(countOf('auth.verify-session'), 1);
});

t.test(
  'calls at the same moment do not share a question: a later one could get an older answer',
  async (t) => {
    const answers: ((session: LiveSession | AppError) => void)[] = [];
    const verify = () =>
      new Promise<LiveSession>((resolve, reject) => {
        answers.push((answer) => (answer instanceof AppError ? reject(answer) : resolve(answer)));
      });
    const { own, token, countOf } = await startWithSession(t, { verify });
    const until = async (count: number) => {
      for (let turn = 0; countOf('auth.verify-session') < count && turn < 1000; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      t.equal(answers.length, count);
    };
    const before = own({ token });
    await until(1);
    // Here a revocation is answered: what starts now must not profit from the answer to the first.
    const after = own({ token });
    await until(2);
    answers[0]?.(liveSession());
    answers[1]?.(new AppError('session-dead'));
    t.match(await before, good);
    t.strictSame(await after, loginAgain);
  },
);

t.test('auth away is no dead token', async (t) => {
  const { client, token } = await startWithSession(t, {
    verify: () => Promise.reject(new AppError('unavailable')),
  });
  const { status, body } = await client.post('/user/getuser/', { id }, { token });
  t.equal(status, 503);
  t.strictSame(body, { code: 503, msg: 'Service unavailable' });
});

t.test('services learn who calls, from where and until when', async (t) => {
  const { client, token, asked, clock } = await startWithSession(t, {
    verify: async () => liveSession({ role: 'admin' }),
  });
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const headers = { 'x-request-id': 'mine', traceparent };
  await client.post('/user/permission/', { id, role: '2' }, { token, headers });
  t.strictSame(asked.at(-1), {
    subject: 'user.set-role',
    input: { id: Number(id), role: 'volunteer' },
    context: {
      requestId: 'mine',
      deadline: clock() + 5000,
      address: '203.0.113.7',
      traceparent,
      caller: { accountId: Number(id), role: 'admin', status: 'active' },
    },
  });
  await client.post('/user/permission/', { id, role: '2' }, { token, headers: { traceparent: 'nonsense' } });
  t.notOk(asked.at(-1)?.context.traceparent);
});

t.test('register looks at a token, but needs none', async (t) => {
  const { client, token, asked } = await startWithSession(t, {
    verify: async () => liveSession({ role: 'admin' }),
  });
  const fields = { first_name: 'Sara', last_name: 'Hammer', role: '0', password: 'sesame-4711' };
  const callerOf = async (headers: Record<string, string>) => {
    t.match((await client.post('/user/register', fields, { headers })).body, { code: 200 });
    return asked.at(-1)?.context.caller;
  };
  t.strictSame(await callerOf({ token }), { accountId: Number(id), role: 'admin', status: 'active' });
  t.equal(await callerOf({}), undefined);
  t.equal(await callerOf({ token: 'nonsense' }), undefined);
  const cookie = `session=${token}`;
  t.ok(await callerOf({ cookie }));
  t.equal(
    await callerOf({ cookie, origin: 'https://evil.example' }),
    undefined,
    'a foreign page borrows nothing',
  );
});
