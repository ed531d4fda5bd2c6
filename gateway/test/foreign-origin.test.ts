import t from 'tap';
import { id, startWithSession } from './harness/one-session.ts';

const good = { code: 200, data: { id } };
const foreign = { code: 401, msg: "you don't enough permissions" };

t.test('a change with the cookie alone', async (t) => {
  const environment = { ALLOWED_ORIGINS: 'https://www.example.com, https://app.example.com:8443' };
  const { client, token } = await startWithSession(t, { environment });
  const cookie = `session=${token}`;
  const send = (headers: Record<string, string>) =>
    client.post('/user/getuser/', { id }, { headers: { host: 'api.example.com', ...headers } });

  const allowed: Record<string, Record<string, string>> = {
    'by no browser': { cookie },
    'from its own origin': { cookie, origin: 'http://api.example.com' },
    'from an allowed origin': { cookie, origin: 'https://www.example.com' },
    'from another allowed origin': { cookie, origin: 'https://app.example.com:8443' },
    'from the same site': { cookie, 'sec-fetch-site': 'same-origin', origin: 'http://api.example.com' },
    'with the token in a header too, from anywhere': { cookie, token, origin: 'https://evil.example' },
    'with a bearer token too, from anywhere': {
      cookie,
      authorization: `Bearer ${token}`,
      'sec-fetch-site': 'cross-site',
    },
  };
  for (const [name, headers] of Object.entries(allowed)) {
    t.test(`${name} is allowed`, async (t) => t.match((await send(headers)).body, good));
  }
  const refused: Record<string, Record<string, string>> = {
    'from a foreign origin': { cookie, origin: 'https://evil.example' },
    'from its own host without TLS as with it': { cookie, origin: 'https://api.example.com' },
    'from an origin that begins like an allowed one': {
      cookie,
      origin: 'https://www.example.com.evil.example',
    },
    'from a page without an origin': { cookie, origin: 'null' },
    'from another site without Origin': { cookie, 'sec-fetch-site': 'cross-site' },
    'with an empty token header': { cookie, token: '', origin: 'https://evil.example' },
  };
  for (const [name, headers] of Object.entries(refused)) {
    t.test(`${name} is refused`, async (t) => {
      const { status, body } = await send(headers);
      t.equal(status, 403);
      t.strictSame(body, foreign);
    });
  }
});

t.test('behind a proxy that ends TLS the own origin is the one that clients see', async (t) => {
  const { client, token } = await startWithSession(t, { environment: { TRUSTED_PROXIES: '10.0.0.0/8' } });
  const seen = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https', host: 'api.example.com' };
  const send = (address: string, headers: Record<string, string>) =>
    client.post('/user/getuser/', { id }, { address, headers: { cookie: `session=${token}`, ...headers } });
  const own = { ...seen, origin: 'https://api.example.com' };
  t.match((await send('10.0.0.1', own)).body, good);
  t.strictSame((await send('10.0.0.1', { ...seen, origin: 'http://api.example.com' })).body, foreign);
  t.strictSame((await send('203.0.113.9', own)).body, foreign, 'a client that is no proxy is not believed');
  const claimed = { ...seen, 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
  t.strictSame((await send('203.0.113.9', { ...claimed, origin: 'http://evil.example' })).body, foreign);
});

t.test('no page of another origin gets leave to read an answer', async (t) => {
  const environment = { ALLOWED_ORIGINS: 'https://www.example.com' };
  const { client, token } = await startWithSession(t, { environment });
  for (const origin of ['https://evil.example', 'null', 'https://www.example.com']) {
    const headers = { cookie: `session=${token}`, origin };
    const answers = [
      await client.post('/user/getuser/', { id }, { headers }),
      await client.get('/openapi.json', headers),
      await client.get('/nowhere', headers),
    ];
    for (const { headers: answered } of answers) {
      const names = Object.keys(answered).filter((name) => name.startsWith('access-control-'));
      t.strictSame(names, [], origin);
    }
  }
});
