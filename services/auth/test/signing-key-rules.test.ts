import { createPublicKey, verify } from 'node:crypto';
import type { PublicKey } from '@vestibule/shared/contracts/auth';
import { logLines } from '@vestibule/shared/test/log-lines';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import fastify from 'fastify';
import t from 'tap';
import { createSecretBox } from '../src/secret-box.ts';
import { createSigningKeys } from '../src/signing-keys.ts';
import type { SigningKeysRepository, StoredKey } from '../src/signing-keys-repository.ts';
import { createTokenSigner } from '../src/tokens.ts';

const secret = 'a secret of thirty-two characters';
const rotationMs = 1000;
const tokenTtlMs = 50;
const start = 1_800_000_000_000;

/** Keys kept in memory, as their table keeps them; `calls` are what is asked besides reading. */
function keptKeys() {
  const rows: { key: StoredKey; until: Date | null }[] = [];
  const calls: unknown[][] = [];
  const current = () => rows.find(({ until }) => until === null)?.key ?? null;
  const repository: SigningKeysRepository = {
    current: async () => current(),
    async replaceCurrent(replaces, atLeastUntil) {
      calls.push(['replace', atLeastUntil]);
      const now = current();
      const next = replaces(now);
      if (next === null && now !== null) return now;
      if (next === null) throw new Error('there is no key');
      for (const row of rows) row.until ??= atLeastUntil;
      rows.push({ key: next, until: null });
      return next;
    },
    async published(now) {
      calls.push(['published', now]);
      return rows.filter(({ until }) => until === null || until > now).map(({ key }) => key);
    },
    async removeUnpublished(now) {
      calls.push(['remove', now]);
    },
  };
  return { rows, calls, repository };
}

function replica({
  kept = keptKeys(),
  clock = movableClock(start),
  keysSecret = secret,
}: {
  kept?: ReturnType<typeof keptKeys>;
  clock?: ReturnType<typeof movableClock>;
  keysSecret?: string | null;
} = {}) {
  const log = logLines();
  const keys = createSigningKeys({
    repository: kept.repository,
    box: createSecretBox(keysSecret ?? undefined, 'signing-keys'),
    clock,
    rotationMs,
    tokenTtlMs,
    logger: log.logger,
  });
  return { ...keys, ...kept, kept, clock, log };
}

/** Whether the public key belongs to a signature. */
function isSigned(text: string, signature: Buffer, jwk: PublicKey | undefined): boolean {
  if (jwk === undefined) return false;
  return verify(null, Buffer.from(text), createPublicKey({ key: { ...jwk }, format: 'jwk' }), signature);
}

t.test('where there is no key one is made, sealed under its own name', async (t) => {
  const { current, rows, calls } = replica();
  const { kid, privatePem, createdAt } = await current();
  t.match(kid, /^[\w-]{16}$/);
  t.match(privatePem, /^-----BEGIN PRIVATE KEY-----\n/);
  t.equal(createdAt, start);
  t.strictSame(rows.length, 1);
  t.strictSame(createSecretBox(secret, 'signing-keys').open(rows[0]?.key.privateKey ?? '', kid), {
    text: privatePem,
    sealed: true,
  });
  t.strictSame((await current()).kid, kid, 'and used again');
  t.equal(calls.length, 1);
});

t.test('a key is used until it is as old as it may be, then another is', async (t) => {
  const { current, clock, rows, calls, log } = replica();
  const { kid } = await current();
  clock.advance(rotationMs - 1);
  t.equal((await current()).kid, kid);
  t.equal(log.text(), '');
  clock.advance(1);
  const { kid: next, createdAt } = await current();
  t.not(next, kid);
  t.equal(createdAt, start + rotationMs);
  t.equal((await current()).kid, next);
  t.equal(rows.length, 2);
  t.strictSame(
    calls.map(([, until]) => until),
    [new Date(start + tokenTtlMs + 7_200_000), new Date(start + rotationMs + tokenTtlMs + 7_200_000)],
    'what it signed outlives it, for as long as another replica may still sign with it',
  );
  t.match(JSON.parse(log.text()), { level: 'info', kid: next });
});

t.test('those who ask at the same moment make one key together', async (t) => {
  const { current, rows } = replica();
  const keys = await Promise.all([current(), current(), current()]);
  t.equal(new Set(keys.map(({ kid }) => kid)).size, 1);
  t.equal(rows.length, 1);
});

t.test('a replica takes over the key of another one, and says so', async (t) => {
  const one = replica();
  const other = replica({ kept: one.kept, clock: one.clock });
  const { kid } = await one.current();
  t.equal((await other.current()).kid, kid);
  one.clock.advance(rotationMs);
  const { kid: next } = await one.current();
  await other.maintain();
  t.equal((await other.current()).kid, next);
  t.equal(one.rows.length, 2);
  t.match(JSON.parse(other.log.text()), { level: 'info', kid: next });
  t.strictSame(one.calls.at(-1), ['remove', new Date(start + rotationMs)]);
});

t.test('a look that failed is made again', async (t) => {
  const { rows, kept, ...keys } = replica();
  const { current: look } = kept.repository;
  kept.repository.current = () => Promise.reject(new Error('no database'));
  await t.rejects(keys.current(), { message: 'no database' });
  kept.repository.current = look;
  await keys.current();
  t.equal(rows.length, 1);
});

t.test('a key that lay open is replaced once there is a secret, and stays while there is none', async (t) => {
  const kept = keptKeys();
  const open = replica({ kept, keysSecret: null });
  const { kid } = await open.current();
  await open.maintain();
  t.equal((await open.current()).kid, kid);
  t.match(kept.rows[0]?.key.privateKey, /^plain:-----BEGIN/);
  const sealed = replica({ kept });
  t.not((await sealed.current()).kid, kid);
  await sealed.maintain();
  t.equal(kept.rows.length, 2);
});

t.test('with another secret, or without one, nothing is signed', async (t) => {
  const kept = keptKeys();
  await replica({ kept }).current();
  await t.rejects(replica({ kept, keysSecret: 'another secret of this very length' }).current(), {
    name: 'SettingError',
    message: 'KEYS_SECRET is not valid: the signing keys in the database were encrypted with another one',
  });
  await t.rejects(replica({ kept, keysSecret: null }).maintain(), {
    name: 'SettingError',
    message: 'KEYS_SECRET is not set: the signing keys in the database were encrypted with another one',
  });
});

t.test('a token is signed with the key in use, and names it; the published key says so', async (t) => {
  const keys = replica();
  const app = fastify();
  const sign = await createTokenSigner(app, keys);
  const claims = {
    iss: 'vestibule/auth',
    aud: 'vestibule',
    sid: 'session-0123456789',
    iat: 1_800_000_000,
    exp: 1_800_000_060,
  } as const;
  const before = await sign(claims);
  keys.clock.advance(rotationMs);
  const after = await sign(claims);
  const published = await keys.published();
  t.strictSame(keys.calls.at(-1), ['published', new Date(start + rotationMs)]);
  t.strictSame(
    published.map(({ kty, crv, use, alg }) => ({ kty, crv, use, alg })),
    Array(2).fill({ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA' }),
  );
  for (const [place, token] of [before, after].entries()) {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    t.strictSame(read(header), { alg: 'EdDSA', typ: 'session+jwt', kid: published[place]?.kid });
    t.strictSame(read(payload), claims);
    t.ok(isSigned(`${header}.${payload}`, Buffer.from(signature, 'base64url'), published[place]));
  }
  await app.close();
});
