import { memoryBus } from '@vestibule/shared/bus/memory-bus';
import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { redisStore } from '@vestibule/shared/store/redis-store';
import type { Store } from '@vestibule/shared/store/store';
import { logLines } from '@vestibule/shared/test/log-lines';
import { redisDump } from '@vestibule/shared/test/redis-dump';
import { startRedisServer } from '@vestibule/shared/test/redis-server';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';
import { livelyService } from './canaries.ts';
import {
  client,
  outcome,
  phoneNumber,
  recordingProvider,
  startVerification,
  tally,
} from './verification-service.ts';

const { sendCode } = verificationContracts;
const address = '203.0.113.7';

/** On a Redis of its own, which is the test's to freeze, with the time-out that is the default. */
async function onRedis(t: Test) {
  const server = await startRedisServer();
  t.teardown(() => server.stop());
  const { logger } = logLines();
  const clock = Date.now;
  const store = redisStore({ url: server.url, namespace: 'verification', timeoutMs: 150, logger, clock });
  t.teardown(() => store.close());
  await store.ready();
  return { server, parts: { bus: memoryBus({ clock, logger }), store, clock } };
}

/** The milliseconds that a call takes, and what becomes of it. */
async function timed(call: Promise<unknown>) {
  const begin = performance.now();
  const result = await outcome(call);
  return { result, ms: performance.now() - begin };
}

/** The store, whose server freezes when an operation is about to touch a key that begins like this. */
function freezingAt(store: Store, begin: string, freeze: () => Promise<void>): Store {
  return {
    ...store,
    async reserve(limits) {
      if (limits.some(({ key }) => key.startsWith(begin))) await freeze();
      return store.reserve(limits);
    },
    async set(key, ...rest) {
      if (key.startsWith(begin)) await freeze();
      return store.set(key, ...rest);
    },
  };
}

t.test('with Redis frozen no SMS goes out, and each answer comes within 300 ms', async (t) => {
  const { server, parts } = await onRedis(t);
  const provider = recordingProvider();
  const { metrics } = await startVerification(t, parts, { provider });
  const { call, solved, checkCode, newCaptcha } = client(parts);
  const captchas = await Promise.all(Array.from({ length: 40 }, (_, n) => solved({ address: `a ${n}` })));
  await server.freeze();
  const send = (index: number) => {
    const captcha = captchas[index] ?? { scope: 'medicine', id: 'none', answer: '' };
    return timed(call(sendCode, { phone: phoneNumber(index), address, captcha }));
  };
  const answers = [await send(0), ...(await Promise.all(captchas.slice(1).map((_, n) => send(n + 1))))];
  answers.push(await timed(checkCode(phoneNumber(1), '123456')), await timed(newCaptcha()));
  t.strictSame(tally(answers.map(({ result }) => result)), { 'store-unavailable': 42 });
  t.ok(Math.max(...answers.map(({ ms }) => ms)) < 300);
  t.match(await metrics.metrics(), 'vestibule_verification_refusals_total{reason="sms-store"} 40');
  server.thaw();
  await until('the store is back', () => parts.store.ready());
  t.strictSame(provider.sent, []);
  const captcha = await solved({ address: 'afterwards' });
  t.strictSame(await call(sendCode, { phone: phoneNumber(99), address, captcha }), {});
  t.equal(provider.sent.length, 1);
});

for (const point of ['sms:phone', 'sms:code'] as const) {
  t.test(
    `a Redis that freezes in the middle of a send (${point}) lets no SMS out within 300 ms`,
    async (t) => {
      const { server, parts } = await onRedis(t);
      const provider = recordingProvider();
      const freezing = freezingAt(parts.store, point, () => server.freeze());
      await startVerification(t, { ...parts, store: freezing }, { provider });
      const { call, solved } = client(parts);
      const captcha = await solved();
      const { result, ms } = await timed(call(sendCode, { phone: phoneNumber(1), address, captcha }));
      t.equal(result, 'store-unavailable');
      t.strictSame(provider.sent, []);
      t.ok(ms < 300, `${ms} ms`);
    },
  );
}

t.test('Redis holds no phone, address, code or captcha but the plain copies of development', async (t) => {
  const { server, parts } = await onRedis(t);
  const canaries = await livelyService(t, parts);
  const lines = (await redisDump(server.url)).split('\n');
  t.ok(lines.length >= 8);
  const text = lines.filter((line) => !line.startsWith('verification:dev:')).join('\n');
  for (const canary of canaries) t.notMatch(text, canary);
});
