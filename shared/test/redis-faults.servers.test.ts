import t, { type Test } from 'tap';
import type { Clock } from '../src/call-context.ts';
import { codeOf } from '../src/errors.ts';
import { createLogger, type Logger } from '../src/logger.ts';
import { redisStore } from '../src/store/redis-store.ts';
import type { Store } from '../src/store/store.ts';
import { logLines } from './harness/log-lines.ts';
import { movableClock } from './harness/movable-clock.ts';
import { uniqueName } from './harness/parts.ts';
import { startRedisServer } from './harness/redis-server.ts';
import { freePort, until } from './harness/server-process.ts';
import { startTcpProxy } from './harness/tcp-proxy.ts';

const silent = createLogger({ level: 'silent', name: 'test' });

function openStore(t: Test, url: string, options: { clock?: Clock; logger?: Logger } = {}): Store {
  const parts = { clock: Date.now, logger: silent, ...options };
  const store = redisStore({ url, namespace: uniqueName(), timeoutMs: 150, ...parts });
  t.teardown(() => store.close());
  return store;
}

async function openBoth(t: Test) {
  const server = await startRedisServer();
  t.teardown(() => server.stop());
  const store = openStore(t, server.url);
  t.equal(await store.ready(), true);
  return { server, store };
}

/** Every operation that there is. */
const operations: Record<string, (store: Store) => Promise<unknown>> = {
  get: (store) => store.get('a'),
  getMany: (store) => store.getMany(['a', 'b']),
  set: (store) => store.set('a', 'x', 60_000),
  remove: (store) => store.remove('a'),
  take: (store) => store.take('a'),
  count: (store) => store.count('n', 60_000),
  reserve: (store) => store.reserve([{ key: 'n', limit: 1e9, windowMs: 60_000 }]),
  giveBack: (store) => store.giveBack(['n']),
  fill: (store) => store.fill('c', 'x', 1, 60_000),
  raise: (store) => store.raise('c', 1, 60_000),
};

/** How an operation ended, and after how many milliseconds. */
async function ending(operation: Promise<unknown>): Promise<{ code: string; ms: number }> {
  const start = performance.now();
  const code = await operation.then(() => 'done', codeOf);
  return { code, ms: performance.now() - start };
}

/** `away` for a little longer than the store is left alone, so that probes are among the operations. */
async function allRefusedInTime(t: Test, store: Store): Promise<void> {
  const end = performance.now() + 2500;
  let slowest = 0;
  const codes = new Set<string>();
  while (performance.now() < end) {
    for (const run of Object.values(operations)) {
      const { code, ms } = await ending(run(store));
      codes.add(code);
      slowest = Math.max(slowest, ms);
    }
    await new Promise(setImmediate);
  }
  t.strictSame([...codes], ['store-unavailable']);
  t.ok(slowest < 300, `the slowest took ${Math.round(slowest)} ms`);
  const start = performance.now();
  t.equal(await store.ready(), false);
  t.ok(performance.now() - start < 300, 'readiness is told in time too');
}

async function worksWithin(t: Test, store: Store, ms: number): Promise<void> {
  const start = performance.now();
  await until('the store works again', () => store.ready(), ms);
  t.pass(`back after ${Math.round(performance.now() - start)} ms`);
  for (const [name, run] of Object.entries(operations))
    t.equal((await ending(run(store))).code, 'done', name);
}

t.test('a Redis that was killed: refused within 300 ms, works within 2 s of its return', async (t) => {
  const { server, store } = await openBoth(t);
  await server.kill();
  await allRefusedInTime(t, store);
  await server.restart();
  await worksWithin(t, store, 2000);
});

t.test('a frozen Redis: refused within 300 ms, works within 2 s of the thaw', async (t) => {
  const { server, store } = await openBoth(t);
  await server.freeze();
  await allRefusedInTime(t, store);
  server.thaw();
  await worksWithin(t, store, 2000);
});

t.test('frozen under load: no operation of any client takes 300 ms, before, during or after', async (t) => {
  const { server, store } = await openBoth(t);
  const endings: { code: string; ms: number }[] = [];
  let running = true;
  const client = async (run: (store: Store) => Promise<unknown>) => {
    while (running) {
      endings.push(await ending(run(store)));
      await new Promise(setImmediate);
    }
  };
  const clients = Object.values(operations).flatMap((run) => [client(run), client(run), client(run)]);
  await until('some are done', () => endings.length > 300);
  await server.freeze();
  await until('some are refused', () => endings.filter(({ code }) => code !== 'done').length > 300);
  server.thaw();
  const before = endings.length;
  await until('some are done again', () => endings.slice(before).some(({ code }) => code === 'done'), 2000);
  running = false;
  await Promise.all(clients);
  const slowest = Math.max(...endings.map(({ ms }) => ms));
  t.ok(slowest < 300, `of ${endings.length} the slowest took ${Math.round(slowest)} ms`);
  t.strictSame([...new Set(endings.map(({ code }) => code))].sort(), ['done', 'store-unavailable']);
});

t.test('a Redis that is away at the start holds nobody up, and is used once it is there', async (t) => {
  const port = await freePort();
  const store = openStore(t, `redis://127.0.0.1:${port}`);
  const start = performance.now();
  t.equal(await store.ready(), false);
  t.ok(performance.now() - start < 1000, 'the start goes on');
  await allRefusedInTime(t, store);
  const server = await startRedisServer({ port });
  t.teardown(() => server.stop());
  await worksWithin(t, store, 2000);
});

t.test('a connection that dies without a word is replaced', async (t) => {
  const { server } = await openBoth(t);
  const proxy = await startTcpProxy(Number(new URL(server.url).port));
  t.teardown(() => proxy.close());
  const store = openStore(t, `redis://127.0.0.1:${proxy.port}`);
  t.equal(await store.ready(), true);
  proxy.cut();
  t.equal((await ending(store.get('a'))).code, 'store-unavailable');
  await worksWithin(t, store, 4000);
});

t.test(
  'what a frozen Redis executes late is executed once: taken is taken, counted is counted',
  async (t) => {
    const { server, store } = await openBoth(t);
    await store.set('code', '123456', 60_000);
    await store.count('tries', 60_000);
    await server.freeze();
    const late = await Promise.all([ending(store.take('code')), ending(store.count('tries', 60_000))]);
    t.strictSame(
      late.map(({ code }) => code),
      ['store-unavailable', 'store-unavailable'],
    );
    server.thaw();
    await until('the store works again', () => store.ready(), 2000);
    t.equal(await store.take('code'), null);
    t.equal((await store.count('tries', 60_000)).count, 3);
  },
);

t.test('what was sent before a connection was given up is not sent again on the next one', async (t) => {
  const { server } = await openBoth(t);
  const log = logLines();
  const store = openStore(t, server.url, { logger: log.logger });
  t.equal(await store.ready(), true);
  t.equal((await store.count('tries', 60_000)).count, 1);
  await server.freeze();
  t.equal((await ending(store.count('tries', 60_000))).code, 'store-unavailable');
  await until('the connection is given up', () => log.text().includes('Redis is away'));
  server.thaw();
  await until('the store works again', () => store.ready(), 2000);
  t.equal((await store.count('tries', 60_000)).count, 3);
});

t.test('a Redis that is back is used at once: the rest ends with the new connection', async (t) => {
  const { server } = await openBoth(t);
  // A clock that stands still: by time alone the rest would never end.
  const store = openStore(t, server.url, { clock: movableClock() });
  t.equal(await store.ready(), true);
  await server.kill();
  t.equal((await ending(store.get('a'))).code, 'store-unavailable');
  await server.restart();
  await worksWithin(t, store, 2000);
});

t.test('after its close the store refuses at once', async (t) => {
  const { store } = await openBoth(t);
  await store.close();
  t.equal((await ending(store.get('a'))).code, 'store-unavailable');
  t.equal(await store.ready(), false);
  await store.close();
});
