import { Redis } from 'ioredis';
import t from 'tap';
import { createLogger } from '../src/logger.ts';
import { redisStore } from '../src/store/redis-store.ts';
import { uniqueName } from './harness/parts.ts';
import { startRedisServer } from './harness/redis-server.ts';
import { storeSuite } from './suites/store-suite.ts';

const own = process.env.TEST_REDIS_URL === undefined ? await startRedisServer() : undefined;
const url = process.env.TEST_REDIS_URL ?? own?.url ?? '';
const logger = createLogger({ level: 'silent', name: 'test' });
const admin = new Redis(url);
t.teardown(async () => {
  admin.disconnect();
  await own?.stop();
});

function openStore(namespace: string) {
  return redisStore({ url, namespace, timeoutMs: 3000, logger, clock: Date.now });
}

/** Redis' clock cannot be moved, so the data's ends are moved towards it. */
async function pass(namespace: string, ms: number): Promise<void> {
  for (const key of await admin.keys(`*${namespace}*`)) {
    const left = await admin.pttl(key);
    if (left > ms) await admin.pexpire(key, left - ms);
    else await admin.del(key);
  }
}

storeSuite(t, async (t) => {
  const namespace = uniqueName();
  const store = openStore(namespace);
  const other = openStore(namespace);
  await Promise.all([store.ready(), other.ready()]);
  t.teardown(() => Promise.all([store.close(), other.close()]));
  return { store, other, pass: (ms) => pass(namespace, ms) };
});

t.test('two namespaces on one Redis see nothing of each other', async (t) => {
  const [one, two] = [openStore('one'), openStore('two')];
  t.teardown(() => Promise.all([one.close(), two.close()]));
  await Promise.all([one.ready(), two.ready()]);
  await one.set('key', 'value', 5000);
  await one.raise('row', 5, 5000);
  t.equal(await two.get('key'), null);
  t.equal(await two.fill('row', 'value', 1, 5000), true);
});

t.test('every key that is written has an end', async (t) => {
  const namespace = uniqueName();
  const store = openStore(namespace);
  t.teardown(() => store.close());
  await store.ready();
  await store.set('value', 'x', 60_000);
  await store.count('counter', 60_000);
  await store.reserve([{ key: 'limit', limit: 5, windowMs: 60_000 }]);
  await store.reserve([{ key: 'limit', limit: 5, windowMs: 60_000 }]);
  await store.giveBack(['limit']);
  await store.fill('copy', 'x', 1, 60_000);
  await store.raise('floor', 1, 60_000);
  const keys = await admin.keys(`*${namespace}*`);
  t.equal(keys.length, 6);
  for (const key of keys) t.ok((await admin.pttl(key)) > 55_000, key);
});

t.test('scripts that Redis has forgotten are sent again', async (t) => {
  const store = openStore(uniqueName());
  t.teardown(() => store.close());
  await store.ready();
  t.equal((await store.count('counter', 60_000)).count, 1);
  await admin.script('FLUSH');
  t.equal((await store.count('counter', 60_000)).count, 2);
});
