import { createPublicKey } from 'node:crypto';
import fastifyJwt from '@fastify/jwt';
import { authContracts, type PublicKey } from '@vestibule/shared/contracts/auth';
import type { Parts } from '@vestibule/shared/parts';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import fastify from 'fastify';
import t, { type Test } from 'tap';
import { claimsOf, day, gateway, headerOf, openTables, startAuth, startUser } from './auth-service.ts';

const secret = 'a secret of thirty-two characters';
const otherSecret = 'another secret of this very length';

async function platform(t: Test, environment: Record<string, string> = {}, replicas = 1) {
  const clock = movableClock();
  const parts = await testParts(t, { clock });
  await startUser(t, parts);
  const apps = await Promise.all(
    Array.from({ length: replicas }, () => startAuth(t, parts, { environment })),
  );
  const calls = gateway(parts);
  const publicKeys = async () => (await calls.call(authContracts.publicKeys, {})).keys;
  return { ...calls, parts, clock, apps, publicKeys };
}

function keyOf(token: string, keys: readonly PublicKey[]): PublicKey | undefined {
  return keys.find(({ kid }) => JSON.stringify(headerOf(token)).includes(`"kid":"${kid}"`));
}

/** Checks a token with the library that the gateway checks tokens with. */
async function check(token: string, { keys, now }: { keys: readonly PublicKey[]; now: number }) {
  const jwk = keyOf(token, keys);
  if (!jwk) throw new Error('its key is not published');
  const key = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' });
  const app = fastify();
  await app.register(fastifyJwt, { secret: { public: 'unused' } });
  return app.jwt.verify(token, {
    key,
    algorithms: ['EdDSA'],
    allowedIss: 'vestibule/auth',
    allowedAud: 'vestibule',
    checkTyp: 'session+jwt',
    requiredClaims: ['iss', 'aud', 'sid', 'iat', 'exp'],
    clockTimestamp: now,
  });
}

async function storedKeys(parts: Pick<Parts, 'database'>) {
  const tables = await openTables(parts);
  return tables.selectFrom('signing_keys').selectAll().orderBy('created_at').execute();
}

t.test('a token says what it is, whose, and until when, and is checked with the published key', async (t) => {
  const { register, publicKeys, clock } = await platform(t);
  const { account, token } = await register('tokens');
  const keys = await publicKeys();
  t.equal(keys.length, 1);
  t.match(keys[0], { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA', x: /^[\w-]{43}$/ });
  t.notMatch(JSON.stringify(keys), '"d"');
  t.strictSame(headerOf(token), { alg: 'EdDSA', typ: 'session+jwt', kid: keys[0]?.kid });
  const claims = claimsOf(token);
  t.strictSame(claims, {
    iss: 'vestibule/auth',
    aud: 'vestibule',
    sub: String(account.id),
    sid: claims.sid,
    iat: 1_800_000_000,
    exp: 1_800_604_800,
  });
  t.match(claims.sid, /^[\w-]{32}$/);
  t.same(await check(token, { keys, now: clock() }), claims);
});

t.test('an altered token does not pass', async (t) => {
  const { register, publicKeys, clock } = await platform(t);
  const { token } = await register('altered');
  const keys = await publicKeys();
  const [header, , signature] = token.split('.');
  const claims = { ...claimsOf(token), sub: '10000001' };
  const forged = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
  await t.rejects(check(forged, { keys, now: clock() }), { code: 'FAST_JWT_INVALID_SIGNATURE' });
});

t.test('after 30 days tokens have a new key, and the old one stays as long as its tokens', async (t) => {
  const { register, publicKeys, clock, parts, verify } = await platform(t);
  clock.advance(30 * day - 1000);
  const { account, token: old } = await register('old');
  clock.advance(1000);
  const { token: young } = await register('young');
  t.not(keyOf(old, await publicKeys())?.kid, keyOf(young, await publicKeys())?.kid);
  t.equal((await publicKeys()).length, 2);

  clock.advance(7 * day - 2000);
  const keys = await publicKeys();
  await check(old, { keys, now: clock() });
  await check(young, { keys, now: clock() });
  t.match(await verify(old), { account: { id: account.id } });

  clock.advance(day);
  t.strictSame(
    (await publicKeys()).map(({ kid }) => kid),
    [keyOf(young, keys)?.kid],
    'the old key is gone when its tokens are',
  );
  const [retired] = await storedKeys(parts);
  t.equal(retired?.private_key, null, 'and could sign nothing since it was replaced');
});

t.test('a key outlives tokens of a time when sessions lived longer', async (t) => {
  const { register, publicKeys, clock, parts, apps } = await platform(t, { SESSION_TTL: '5184000' });
  const { token } = await register('long-lived');
  await Promise.all(apps.map((app) => app.close()));
  await startAuth(t, parts, { environment: { SESSION_TTL: '60' } });
  clock.advance(31 * day);
  await register('short-lived');
  clock.advance(28 * day);
  await t.resolves(check(token, { keys: await publicKeys(), now: clock() }));
});

t.test('four replicas make one key together, and one new one when its time has come', async (t) => {
  const { register, publicKeys, clock, parts, verify } = await platform(t, {}, 4);
  const before = await Promise.all([1, 2, 3, 4].map((n) => register(`before ${n}`)));
  t.equal((await storedKeys(parts)).length, 1);
  clock.advance(31 * day);
  const after = await Promise.all([1, 2, 3, 4].map((n) => register(`after ${n}`)));
  t.equal((await storedKeys(parts)).length, 2);
  const keys = await publicKeys();
  t.equal(new Set(after.map(({ token }) => keyOf(token, keys)?.kid)).size, 1);
  for (const { token } of after) await verify(token);
  for (const { token } of before) await t.rejects(verify(token), { code: 'session-dead' });
});

t.test('private keys', async (t) => {
  t.test('are encrypted in the database when there is a KEYS_SECRET', async (t) => {
    const { parts } = await platform(t, { KEYS_SECRET: secret });
    const [key] = await storedKeys(parts);
    t.match(key?.private_key, /^aes-256-gcm:/);
    t.notMatch(key?.private_key, 'PRIVATE');
  });

  t.test('are found again by the next start with the same secret', async (t) => {
    const { parts, register, publicKeys, apps } = await platform(t, { KEYS_SECRET: secret });
    await Promise.all(apps.map((app) => app.close()));
    await startAuth(t, parts, { environment: { KEYS_SECRET: secret } });
    const { token } = await register('restarted');
    t.equal((await publicKeys()).length, 1);
    t.ok(keyOf(token, await publicKeys()));
  });

  t.test('stop the start with one line when KEYS_SECRET is another one, or missing', async (t) => {
    const { parts } = await platform(t, { KEYS_SECRET: secret });
    const start = (environment: Record<string, string>) => startAuth(t, parts, { environment });
    await t.rejects(start({ KEYS_SECRET: otherSecret }), {
      name: 'SettingError',
      message: 'KEYS_SECRET is not valid: the signing keys in the database were encrypted with another one',
    });
    await t.rejects(start({}), {
      name: 'SettingError',
      message: 'KEYS_SECRET is not set: the signing keys in the database were encrypted with another one',
    });
  });

  t.test('that lay open are replaced at the first start with a secret', async (t) => {
    const { parts, register, publicKeys, verify, apps } = await platform(t);
    t.match((await storedKeys(parts))[0]?.private_key, 'plain:-----BEGIN PRIVATE KEY-----');
    const { token } = await register('before the secret');
    await Promise.all(apps.map((app) => app.close()));
    await startAuth(t, parts, { environment: { KEYS_SECRET: secret } });
    const [open, sealed] = await storedKeys(parts);
    t.equal(open?.private_key, null);
    t.match(sealed?.private_key, /^aes-256-gcm:/);
    t.equal((await publicKeys()).length, 2);
    await verify(token);
  });
});
