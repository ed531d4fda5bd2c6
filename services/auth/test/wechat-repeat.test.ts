import { memoryBus } from '@vestibule/shared/bus/memory-bus';
import { authContracts } from '@vestibule/shared/contracts/auth';
import { AppError, codeOf } from '@vestibule/shared/errors';
import { createLogger } from '@vestibule/shared/logger';
import type { Parts } from '@vestibule/shared/parts';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';
import { startAuth } from './auth-service.ts';
import { startWeChatStub, wechatSettings } from './wechat-stub.ts';

const session = { openid: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M', session_key: 'tiihtNczf5v6AKRyjwEUhQ==' };
const silent = createLogger({ level: 'silent', name: 'test' });

/** A store that says what was kept in it, and when somebody looked for something. */
function watched(store: Parts['store']) {
  const kept: [key: string, value: string, ttlMs: number][] = [];
  const looks = { count: 0 };
  const changed: Parts['store'] = {
    ...store,
    async set(key, value, ttlMs) {
      await store.set(key, value, ttlMs);
      kept.push([key, value, ttlMs]);
    },
    async take(key) {
      looks.count += 1;
      return store.take(key);
    },
  };
  return { kept, looks, store: changed };
}

/**
 * Two replicas, each asked by itself, one store and a WeChat that holds its answers back. Callers wait for
 * 500 ms unless a test says otherwise.
 */
async function platform(
  t: Test,
  {
    environment = {},
    store: changed,
  }: { environment?: Record<string, string>; store?: (parts: Parts) => Parts['store'] } = {},
) {
  const stub = await startWeChatStub(t);
  const clock = movableClock();
  const opened = await testParts(t, { clock });
  const { store, kept, looks } = watched(changed?.(opened) ?? opened.store);
  const parts = { ...opened, store };
  const log: string[] = [];
  const settings = { ...wechatSettings(stub), WECHAT_TIMEOUT_MS: '500', ...environment };
  const otherBus = memoryBus({ clock, logger: silent });
  t.teardown(() => otherBus.close());
  const replica = await startAuth(t, parts, { environment: settings, log });
  await startAuth(t, { ...parts, bus: otherBus }, { environment: settings, log });

  const asker =
    (bus: Parts['bus']) =>
    (code: string, ms = 60_000) =>
      bus
        .call(
          authContracts.exchangeCode,
          { code, bind: false },
          { requestId: 'a-request', deadline: clock() + ms },
        )
        .then(({ openid }) => openid, codeOf);
  return { ...stub, clock, kept, looks, log, replica, ask: asker(parts.bus), askOther: asker(otherBus) };
}
const patient = { environment: { WECHAT_TIMEOUT_MS: '5000' } };

t.test('a repeat after our time-out is answered from the first exchange, once', async (t) => {
  const { ask, issue, hold, kept, asked, log } = await platform(t);
  const answer = hold();
  const code = issue('a captured code', session);
  t.equal(await ask(code), 'wechat-unavailable');
  answer();
  await until('it is kept', () => kept.length === 1);
  t.equal(await ask(code), session.openid);
  t.equal(asked.length, 1, 'WeChat was asked once');
  t.equal(await ask(code), 'wechat-refused', 'it is spent');
  t.equal(asked.length, 2);

  const [entry] = kept;
  t.match(entry?.[0], /^wechat:session:[\w-]{43}$/);
  t.match(entry?.[1], /^aes-256-gcm:/);
  t.equal(entry?.[2], 60_000);
  const everything = `${entry} ${log.join('')}`;
  for (const secret of [code, session.openid, session.session_key, 'wx-secret']) {
    t.notOk(everything.includes(secret), 'nothing can be read where it is kept, nor in the log');
  }
});

t.test('the other replica answers the repeat too, once', async (t) => {
  const { ask, askOther, issue, hold, kept, asked } = await platform(t);
  const answer = hold();
  const code = issue('code', session);
  t.equal(await ask(code), 'wechat-unavailable');
  answer();
  await until('it is kept', () => kept.length === 1);
  const answers = await Promise.all([askOther(code), askOther(code), ask(code)]);
  t.strictSame(answers.sort(), [session.openid, 'wechat-refused', 'wechat-refused']);
  t.ok(asked.length > 1, 'the others were refused by WeChat');
});

t.test('a repeat while the first exchange runs joins it', async (t) => {
  const { ask, issue, hold, asked, kept, looks } = await platform(t, patient);
  const answer = hold();
  const code = issue('code', session);
  const [first, repeat] = [ask(code, 600), ask(code)];
  t.equal(await first, 'wechat-unavailable');
  answer();
  t.equal(await repeat, session.openid);
  t.equal(asked.length, 1);
  t.equal(looks.count, 1, 'nobody looked in the store again');
  t.strictSame(kept, [], 'nothing had to be kept');
});

t.test('of those who wait together one gets it, and WeChat refuses the rest', async (t) => {
  const { ask, askOther, issue, hold, asked } = await platform(t, patient);
  const answer = hold();
  const code = issue('code', session);
  const all = [ask(code), ask(code), askOther(code), ask(code)];
  await until('WeChat is asked', () => asked.length === 1);
  answer();
  t.strictSame((await Promise.all(all)).sort(), [
    session.openid,
    'wechat-refused',
    'wechat-refused',
    'wechat-refused',
  ]);
});

t.test('the other replica waits for the exchange instead of asking with a used code', async (t) => {
  t.test('and has what it brought', async (t) => {
    const { ask, askOther, issue, hold, asked, looks } = await platform(t, patient);
    const answer = hold();
    const code = issue('code', session);
    t.equal(await ask(code, 600), 'wechat-unavailable');
    const repeat = askOther(code);
    await until('it looked twice', () => looks.count > 2);
    t.equal(asked.length, 1);
    answer();
    t.equal(await repeat, session.openid);
    t.equal(asked.length, 1);
  });

  t.test('but not for ever', async (t) => {
    const { ask, askOther, issue, hold, asked } = await platform(t);
    const answer = hold();
    const code = issue('code', session);
    t.equal(await ask(code), 'wechat-unavailable');
    t.equal(await askOther(code), 'wechat-unavailable');
    t.equal(asked.length, 1);
    answer();
  });

  t.test('and asks itself when the first exchange has failed', async (t) => {
    const { ask, askOther, issue, hold, asked, looks } = await platform(t, {
      environment: { WECHAT_TIMEOUT_MS: '5000', WECHAT_EXCHANGE_MS: '1500' },
    });
    hold();
    const first = ask('code', 600);
    await until('WeChat is asked', () => asked.length === 1);
    const repeat = askOther('code');
    await until('it looked', () => looks.count > 1);
    hold()();
    issue('code', session);
    t.equal(await first, 'wechat-unavailable');
    t.equal(await repeat, session.openid);
    t.equal(asked.length, 2);
  });
});

t.test('what was kept is gone after 60 seconds', async (t) => {
  const { ask, issue, hold, kept, clock, asked } = await platform(t, {
    store: ({ clock }) => memoryStore({ clock }),
  });
  const answer = hold();
  const [early, late] = [issue('early', session), issue('late', session)];
  t.strictSame(await Promise.all([ask(early), ask(late)]), ['wechat-unavailable', 'wechat-unavailable']);
  answer();
  await until('both are kept', () => kept.length === 2);
  clock.advance(59_990);
  t.equal(await ask(early), session.openid);
  clock.advance(20);
  t.equal(await ask(late), 'wechat-refused');
  t.equal(asked.length, 3);
});

t.test('an exchange lasts for its time at most; then the code is asked for anew', async (t) => {
  const { ask, issue, hold, asked } = await platform(t, { environment: { WECHAT_EXCHANGE_MS: '1500' } });
  hold();
  t.equal(await ask('code'), 'wechat-unavailable');
  t.equal(await ask('code'), 'wechat-unavailable', 'it joins the same');
  t.equal(asked.length, 1);
  hold()();
  issue('code', session);
  await until('it is answered', async () => (await ask('code')) === session.openid);
  t.equal(asked.length, 2);
});

t.test('without the store', async (t) => {
  const away = async () => Promise.reject(new AppError('store-unavailable'));
  const { ask, issue, hold, asked } = await platform(t, {
    ...patient,
    store: ({ store }) => ({ ...store, reserve: away, take: away, set: away, remove: away }),
  });
  t.test('the first try works, and is good once', async (t) => {
    const code = issue('code', session);
    t.equal(await ask(code), session.openid);
    t.equal(await ask(code), 'wechat-refused');
  });
  t.test('a repeat joins what runs on the same replica', async (t) => {
    asked.length = 0;
    const answer = hold();
    const code = issue('joined', session);
    const [first, repeat] = [ask(code, 600), ask(code)];
    t.equal(await first, 'wechat-unavailable');
    answer();
    t.equal(await repeat, session.openid);
    t.equal(asked.length, 1);
  });
});

t.test('a store that goes away while the other replica waits does not make it ask', async (t) => {
  let away = false;
  const { ask, askOther, issue, hold, asked, looks } = await platform(t, {
    environment: { WECHAT_TIMEOUT_MS: '1500' },
    store: ({ store }) => ({
      ...store,
      reserve: (limits) => (away ? Promise.reject(new AppError('store-unavailable')) : store.reserve(limits)),
    }),
  });
  const answer = hold();
  const code = issue('code', session);
  t.equal(await ask(code, 600), 'wechat-unavailable');
  const repeat = askOther(code);
  await until('it looked', () => looks.count > 1);
  away = true;
  t.equal(await repeat, 'wechat-unavailable');
  t.equal(asked.length, 1);
  answer();
});

t.test('a store that gives nothing does not make the other replica ask', async (t) => {
  const { ask, askOther, issue, hold, asked } = await platform(t, {
    store: ({ store }) => ({ ...store, take: () => Promise.reject(new AppError('store-unavailable')) }),
  });
  const answer = hold();
  const code = issue('code', session);
  t.equal(await ask(code), 'wechat-unavailable');
  t.equal(await askOther(code), 'wechat-unavailable');
  t.equal(asked.length, 1);
  answer();
});

t.test('codes beyond those that are traded at once wait; who has left is not asked for', async (t) => {
  const { ask, issue, hold, asked } = await platform(t, { environment: { WECHAT_CONCURRENCY: '1' } });
  const answer = hold();
  const [first, second] = [issue('first', session), issue('second', { openid: 'o-second' })];
  const both = [ask(first), ask(second)];
  t.strictSame(await Promise.all(both), ['wechat-unavailable', 'wechat-unavailable']);
  t.equal(asked.length, 1);
  answer();
  await until('the second is good still', async () => (await ask(second)) === 'o-second');
  t.equal(asked.filter(({ searchParams }) => searchParams.get('js_code') === 'second').length, 1);
});

t.test('a service that is closed ends its exchanges', async (t) => {
  const { ask, issue, hold, asked, replica } = await platform(t);
  hold();
  t.equal(await ask(issue('code', session)), 'wechat-unavailable');
  t.equal(asked.length, 1);
  await t.resolves(replica.close());
});
