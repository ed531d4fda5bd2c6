import type { LiveSession } from '@vestibule/shared/contracts/auth';
import { AppError, codeOf } from '@vestibule/shared/errors';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import fastify from 'fastify';
import t, { type Test } from 'tap';
import { type Access, addCallers, isAdmin } from '../src/caller.ts';
import { refuseForeignPages } from '../src/tokens.ts';
import { liveSession, signingKey } from './harness/fakes.ts';

const needs: readonly Access[] = [
  'anyone',
  'maybe-signed-in',
  'session',
  'audited',
  'audited-account',
  'own-record',
  'admin',
];

type Fakes = { session?: LiveSession; read?: () => Promise<'dead' | 'unknown' | LiveSession> };

/** A server with a route for each need; a route answers who calls, and why nobody does. */
async function server(t: Test, { session = liveSession(), read = async () => session }: Fakes = {}) {
  const key = signingKey();
  const clock = movableClock(Date.now());
  const app = fastify();
  const asked: string[] = [];
  app.decorateRequest('callContext');
  app.addHook('onRequest', async (request) => {
    request.callContext = { requestId: 'a-request', deadline: clock() + 5000 };
  });
  const guardOf = await addCallers(app, {
    bus: { call: () => Promise.reject(new AppError('unavailable')) },
    copies: {
      async read(sessionId, accountId) {
        asked.push(`${sessionId} ${accountId}`);
        return read();
      },
    },
    keys: { pem: async (kid) => (kid === 'key-1' ? key.publicPem : undefined) },
    clock,
    cookieName: 'session',
    allowedOrigins: ['https://www.example.com'],
  });
  app.setErrorHandler((error) => ({ refused: codeOf(error) }));
  for (const need of needs) {
    app.route({
      method: ['GET', 'HEAD', 'POST'],
      url: `/${need}`,
      preHandler: guardOf(need),
      handler: async ({ caller, strangeness, callContext }) => ({
        account: caller?.account ?? null,
        caller: callContext.caller ?? null,
        strange: strangeness?.code ?? null,
      }),
    });
  }
  app.post('/sign-in', { preHandler: refuseForeignPages(['https://www.example.com']) }, async () => ({}));
  t.teardown(() => app.close());
  const ask = async (
    need: string,
    headers: Record<string, string> = { token: key.token() },
    method: 'GET' | 'POST' = 'POST',
  ) =>
    (await app.inject({ method, url: `/${need}`, headers: { host: 'api.example.com', ...headers } })).json();
  /** What each need is answered, in a word. */
  const answers = async (headers?: Record<string, string>) => {
    const words: Record<string, string> = {};
    for (const need of needs) {
      const { refused, account, strange } = await ask(need, headers);
      words[need] = refused ?? strange ?? (account === null ? 'nobody' : 'in');
    }
    return words;
  };
  return { ask, answers, key, clock, asked };
}

t.test('who is let in where', async (t) => {
  const letIn = { anyone: 'nobody', 'maybe-signed-in': 'in', session: 'in', 'own-record': 'in' };
  const audited = { audited: 'in', 'audited-account': 'in' };
  const pending = { audited: 'account-pending', 'audited-account': 'account-pending' };
  const callers: [string, LiveSession, Record<string, string>][] = [
    ['an account', liveSession(), { ...letIn, ...audited, admin: 'not-allowed' }],
    ['an admin', liveSession({ role: 'admin' }), { ...letIn, ...audited, admin: 'in' }],
    ['one that waits', liveSession({ status: 'pending' }), { ...letIn, ...pending, admin: 'not-allowed' }],
    [
      'an admin that waits',
      liveSession({ role: 'admin', status: 'pending' }),
      { ...letIn, ...pending, admin: 'account-pending' },
    ],
    [
      'a proved openid',
      { ...liveSession(), account: null },
      {
        anyone: 'nobody',
        'maybe-signed-in': 'nobody',
        session: 'nobody',
        audited: 'nobody',
        'audited-account': 'session-dead',
        'own-record': 'session-dead',
        admin: 'session-dead',
      },
    ],
  ];
  for (const [name, session, expected] of callers) {
    t.test(name, async (t) => t.strictSame(await (await server(t, { session })).answers(), expected));
  }
});

t.test('without a token, or with one that proves nothing, only strangers’ places are open', async (t) => {
  const dead = 'session-dead';
  const expected = {
    anyone: 'nobody',
    'maybe-signed-in': dead,
    session: dead,
    audited: dead,
    'audited-account': dead,
    'own-record': dead,
    admin: dead,
  };
  const { answers } = await server(t);
  t.strictSame(await answers({}), expected);
  t.strictSame(await answers({ token: 'nonsense' }), expected);
  const ended = await server(t, { read: async () => 'dead' });
  t.strictSame(await ended.answers(), expected);
});

t.test('services are told of an account that calls, and of nobody else', async (t) => {
  const { ask, asked } = await server(t);
  t.match(await ask('session'), { caller: { role: 'donor', status: 'active' } });
  t.equal(asked.length, 1);
  t.strictSame(await ask('anyone'), { account: null, caller: null, strange: null });
  t.equal(asked.length, 1, 'where anyone may come no token is looked at');
  const openid = await server(t, { session: { ...liveSession(), account: null } });
  t.equal((await openid.ask('session')).caller, null);
});

t.test('whether a session lives is asked for its account, or for none', async (t) => {
  const { ask, key, asked } = await server(t);
  await ask('session');
  await ask('session', { token: key.token({ sub: undefined }) });
  t.match(asked, [/ \d{8}$/, / null$/]);
});

t.test('a fault is no stranger: it is told, wherever a token is looked at', async (t) => {
  const away = await server(t, { read: () => Promise.reject(new AppError('store-unavailable')) });
  t.strictSame(await away.ask('maybe-signed-in'), { refused: 'unavailable' }, 'auth is asked then');
  const broken = await server(t, { read: () => Promise.reject(new TypeError('a bug')) });
  t.strictSame(await broken.ask('maybe-signed-in'), { refused: 'internal' });
  t.strictSame(await broken.ask('session'), { refused: 'internal' });
});

t.test('a token ends in the moment that it names', async (t) => {
  const { ask, key, clock } = await server(t);
  const exp = Math.floor(clock() / 1000) + 10;
  clock.advance(exp * 1000 - clock() - 1);
  const headers = { token: key.token({ exp }) };
  t.match(await ask('session', headers), { account: {} });
  clock.advance(1);
  t.strictSame(await ask('session', headers), { refused: 'session-dead' });
});

t.test('a header holds a token as it is written, a bearer token alone', async (t) => {
  const { ask, key } = await server(t);
  const token = key.token();
  const refused = { refused: 'session-dead' };
  t.match(await ask('session', { token: `  ${token} ` }), { account: {} });
  t.match(await ask('session', { authorization: `Bearer ${token}  ` }), { account: {} });
  t.strictSame(await ask('session', { authorization: `Basic Bearer ${token}` }), refused);
  t.strictSame(await ask('session', { authorization: `Bearer ${token} more` }), refused);
});

t.test('a cookie may be borrowed by a foreign page to read, and not to change', async (t) => {
  const { ask, key } = await server(t);
  const cookie = { cookie: `session=${key.token()}`, origin: 'https://evil.example' };
  t.match(await ask('session', cookie, 'GET'), { account: {} });
  t.strictSame(await ask('session', cookie), { refused: 'origin-foreign' });
  t.match(await ask('maybe-signed-in', cookie), { account: null, strange: 'origin-foreign' });
});

t.test('a page that signs in is the gateway’s own, an allowed one, or no browser’s', async (t) => {
  const { ask } = await server(t);
  const foreign = { refused: 'origin-foreign' };
  t.strictSame(await ask('sign-in', {}), {});
  t.strictSame(await ask('sign-in', { origin: 'https://www.example.com' }), {});
  t.strictSame(await ask('sign-in', { origin: 'https://evil.example' }), foreign);
  t.strictSame(await ask('sign-in', { 'sec-fetch-site': 'cross-site' }), foreign);
  t.strictSame(
    await ask('sign-in', { origin: 'https://hidden.example', 'sec-fetch-site': 'same-origin' }),
    {},
  );
});

t.test('an admin acts as one once its audit is over', async (t) => {
  const is = (role: 'admin' | 'repair', status: 'active' | 'pending') => isAdmin({ id: 1, role, status });
  t.strictSame([is('admin', 'active'), is('admin', 'pending'), is('repair', 'active')], [true, false, false]);
});
