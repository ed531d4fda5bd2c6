import { AppError } from '@vestibule/shared/errors';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import t, { type Test } from 'tap';
import { createKeys } from '../src/keys.ts';
import { clientOf } from './harness/client.ts';
import { fakeParts, liveSession, signingKey } from './harness/fakes.ts';
import { startGateway } from './harness/platform.ts';

const one = signingKey('one');
const two = signingKey('two');

/** Keys whose fetches are counted; a fetch can be held back. */
function start(options: { pauseMs?: number; freshMs?: number } = {}) {
  const clock = movableClock(Date.now());
  const state = { fetches: 0, keys: [one.jwk], fails: false, held: Promise.resolve() };
  const keys = createKeys({
    fetchKeys: async () => {
      state.fetches += 1;
      const answer = { keys: state.keys };
      await state.held;
      if (state.fails) throw new AppError('unavailable');
      return answer;
    },
    clock,
    pauseMs: 5,
    freshMs: 300_000,
    ...options,
  });
  const context = () => ({ requestId: 'a-request', deadline: clock() + 5000 });
  return { state, clock, keys, pem: (kid: string) => keys.pem(kid, context()), context };
}

t.test('a known key is fetched once', async (t) => {
  const { state, pem } = start();
  for (let call = 0; call < 10; call += 1) t.equal(await pem('one'), one.publicPem);
  t.equal(state.fetches, 1);
});

t.test('many who meet an unknown key at once share one fetch', async (t) => {
  const { state, pem } = start();
  const pems = await Promise.all(Array.from({ length: 100 }, () => pem('one')));
  t.strictSame(new Set(pems), new Set([one.publicPem]));
  t.equal(state.fetches, 1);
});

t.test('a key that came up after a fetch began is found by the next', async (t) => {
  const { state, pem } = start();
  let release = () => {};
  state.held = new Promise((resolve) => {
    release = resolve;
  });
  const early = pem('two');
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(state.fetches, 1);
  state.keys = [one.jwk, two.jwk];
  const late = pem('two');
  release();
  t.equal(await early, undefined);
  t.equal(await late, two.publicPem);
  t.equal(state.fetches, 2);
});

t.test('made-up kids cost one fetch a pause, however many they are', async (t) => {
  const { state, pem, clock } = start({ pauseMs: 50 });
  await pem('one');
  const made = Promise.all(Array.from({ length: 1000 }, (_, index) => pem(`made-up-${index}`)));
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(state.fetches, 1, 'the next waits for the pause');
  t.equal(await pem('one'), one.publicPem, 'which does not hold up who has a known key');
  clock.advance(50);
  t.strictSame(new Set(await made), new Set([undefined]));
  t.equal(state.fetches, 2);
});

t.test('who would have to wait past its deadline is not kept', async (t) => {
  const { pem, keys, clock } = start({ pauseMs: 60_000 });
  await pem('one');
  const hurried = { requestId: 'a-request', deadline: clock() + 100 };
  await t.rejects(keys.pem('two', hurried), { code: 'deadline-passed' });
  t.equal(await pem('one'), one.publicPem);
  clock.advance(60_000);
  t.equal(await pem('two'), undefined, 'and nothing is left hanging');
});

t.test('a fetch that fails is no answer about the key', async (t) => {
  const { state, pem } = start();
  state.fails = true;
  await t.rejects(pem('one'), { code: 'unavailable' });
  state.fails = false;
  t.equal(await pem('one'), one.publicPem);
});

t.test('a key that was withdrawn is forgotten; one whose renewal fails is kept', async (t) => {
  const { state, pem, keys, clock, context } = start({ freshMs: 1000 });
  await pem('one');
  clock.advance(1000);
  state.fails = true;
  t.equal(await pem('one'), one.publicPem);
  await t.rejects(keys.all(context()), { code: 'unavailable' });
  state.fails = false;
  state.keys = [two.jwk];
  t.strictSame(await keys.all(context()), [two.jwk]);
  t.equal(await pem('one'), undefined);
});

async function gateway(t: Test) {
  const keys = [one.jwk];
  const { parts, countOf } = await fakeParts({
    auth: { publicKeys: async () => ({ keys }), verifySession: async () => liveSession() },
    user: { search: async () => ({ ids: [] }) },
  });
  const environment = { KEYS_PAUSE_MS: '5' };
  return { client: clientOf(await startGateway(t, parts, { environment })), keys, countOf };
}

t.test('the public keys are at /.well-known/jwks.json', async (t) => {
  const { client, countOf } = await gateway(t);
  for (let call = 0; call < 10; call += 1) {
    const { status, body, headers } = await client.get('/.well-known/jwks.json');
    t.equal(status, 200);
    t.strictSame(body, { keys: [one.jwk] });
    t.match(headers['cache-control'], /max-age=/);
  }
  t.equal(countOf('auth.public-keys'), 1);
});

t.test('tokens signed with a new key are good, and old ones stay so', async (t) => {
  const { client, keys } = await gateway(t);
  const search = async (token: string) => (await client.post('/user/search', {}, { token })).body;
  const refused = { code: 401, msg: "you don't enough permissions" };
  t.strictSame(await search(one.token()), refused, 'a donor is known as one');
  keys.unshift(two.jwk);
  t.strictSame(await search(two.token()), refused);
  t.strictSame(await search(one.token()), refused);
  t.strictSame(await search(signingKey('three').token()), { code: 401, msg: 'please login again' });
});
