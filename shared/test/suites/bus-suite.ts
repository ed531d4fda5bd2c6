import type { Test } from 'tap';
import type { Bus, Handler, Served } from '../../src/bus/bus.ts';
import type { CallContext, Clock } from '../../src/call-context.ts';
import { contract } from '../../src/contracts/contract.ts';
import { AppError } from '../../src/errors.ts';
import type { Logger } from '../../src/logger.ts';
import { Type } from '../../src/schema.ts';
import { failure, probe, probeContext, serveProbe, untilNobodyServes } from '../harness/bus-probe.ts';
import { logLines } from '../harness/log-lines.ts';

/** The same subject as an older or newer version of the service understands it. */
const laxer = contract({ ...probe.echo, request: Type.Unknown(), reply: Type.Unknown() });

type Fixture = {
  /** Two ends of one bus; of the memory bus, the same end twice. */
  caller: Bus;
  server: Bus;
};

/** Opens the two ends for one test, apart from all other tests, and closes them at its end. */
export type OpenBus = (t: Test, parts: { clock: Clock; logger: Logger }) => Promise<Fixture>;

/** What every transport promises. */
export function busSuite(t: Test, open: OpenBus): void {
  async function setUp(test: Test, clock: Clock = Date.now) {
    const log = logLines();
    const { caller, server } = await open(test, { clock, logger: log.logger });
    const serve = (echo: Handler<typeof probe.echo>, bus = server): Promise<Served> => serveProbe(bus, echo);
    return { caller, server, serve, log };
  }

  t.test('a call is answered by its handler', async (t) => {
    const { caller, serve } = await setUp(t);
    await serve(async ({ text }) => ({ text: `${text}!` }));
    t.same(await caller.call(probe.echo, { text: 'hello' }, probeContext()), { text: 'hello!' });
  });

  t.test('text of every kind arrives as it was sent', async (t) => {
    const { caller, serve } = await setUp(t);
    await serve(async (input) => input);
    for (const text of ['', '张三 🎉', 'a\r\nb\tc', '"\\', '\u2028\u0001', 'x'.repeat(300_000)]) {
      t.equal((await caller.call(probe.echo, { text }, probeContext())).text, text);
    }
  });

  t.test('a thousand calls at once get each its own answer', async (t) => {
    const { caller, serve } = await setUp(t);
    await serve(async (input) => input);
    const texts = Array.from({ length: 1000 }, (_, index) => `call ${index}`);
    const replies = await Promise.all(texts.map((text) => caller.call(probe.echo, { text }, probeContext())));
    t.same(
      replies.map(({ text }) => text),
      texts,
    );
  });

  t.test('the handler gets request id, deadline, trace context and caller', async (t) => {
    const { caller, serve } = await setUp(t);
    let seen: CallContext | undefined;
    await serve(async (input, given) => {
      seen = given;
      return input;
    });
    const sent: CallContext = {
      requestId: 'a-b_c.1',
      deadline: 32_503_680_000_000,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      caller: { accountId: 12_345_678, role: 'donor', status: 'active' },
    };
    await caller.call(probe.echo, { text: '' }, sent);
    t.strictSame(seen, {
      requestId: 'a-b_c.1',
      deadline: 32_503_680_000_000,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      caller: { accountId: 12_345_678, role: 'donor', status: 'active' },
    });
    await caller.call(probe.echo, { text: '' }, { requestId: 'r', deadline: 32_503_680_000_000 });
    t.strictSame(seen, { requestId: 'r', deadline: 32_503_680_000_000 });
  });

  t.test('nothing that a handler changes shows on the other side', async (t) => {
    const { caller, serve } = await setUp(t);
    const kept = { text: 'kept', inner: { depth: 1 } };
    await serve(async (input, given) => {
      input.text = 'changed';
      if (given.caller) given.caller.role = 'admin';
      given.requestId = 'changed';
      return kept;
    });
    const sent = { text: 'sent' };
    const given = probeContext({ caller: { accountId: 12_345_678, role: 'normal', status: 'active' } });
    const reply = await caller.call(probe.echo, sent, given);
    if (reply.inner) reply.inner.depth = 2;
    t.same(sent, { text: 'sent' });
    t.equal(given.requestId, 'request-1');
    t.equal(given.caller?.role, 'normal');
    t.same(kept, { text: 'kept', inner: { depth: 1 } });
  });

  t.test('fields that the contract does not name reach neither handler nor caller', async (t) => {
    const { caller, server, serve } = await setUp(t);
    let seen: unknown;
    const wide = { text: 'x', role: 'admin', inner: { depth: 1, secret: 's' } };
    const served = await serve(async (input) => {
      seen = input;
      return wide;
    });
    await caller.call(laxer, wide, probeContext());
    t.strictSame(seen, { text: 'x', inner: { depth: 1 } });
    await served.drain();
    const handlers = { echo: async () => wide };
    await server.serve({ name: 'probe', version: '1.0.0', contracts: { echo: laxer }, handlers });
    t.strictSame(await caller.call(probe.echo, { text: 'x' }, probeContext()), {
      text: 'x',
      inner: { depth: 1 },
    });
  });

  t.test('a request against the contract is stopped before it is sent', async (t) => {
    const { caller } = await setUp(t);
    // Nobody serves it: had it been sent, it would be `unavailable`.
    const wrong = { text: 'x', inner: { depth: 1.5 } };
    t.same(await failure(caller.call(probe.echo, wrong, probeContext())), ['contract-violated', {}]);
  });

  t.test('a request against the contract reaches no handler', async (t) => {
    const { caller, serve, log } = await setUp(t);
    let runs = 0;
    await serve(async (input) => {
      runs++;
      return input;
    });
    for (const wrong of [{ text: 1 }, {}, null, 'hunter2', [], { text: 'hunter2', inner: { depth: 'x' } }]) {
      t.same(await failure(caller.call(laxer, wrong, probeContext())), ['contract-violated', {}]);
    }
    t.equal(runs, 0);
    t.match(log.text(), /request of probe\.echo: \/inner\/depth Expected integer/);
    t.notMatch(log.text(), /hunter2/, 'the log names the place, not the value');
  });

  t.test('a reply against the contract never leaves the service', async (t) => {
    const { caller, serve, log } = await setUp(t);
    await serve(async () => ({ text: 'hunter2', inner: { depth: 0.5 } }));
    t.same(await failure(caller.call(laxer, { text: '' }, probeContext())), ['contract-violated', {}]);
    t.match(log.text(), /reply of probe\.echo: \/inner\/depth Expected integer/);
    t.notMatch(log.text(), /hunter2/);
  });

  t.test('a reply against the contract does not reach the caller', async (t) => {
    const { caller, server } = await setUp(t);
    const handlers = { echo: async () => ({ text: 5 }) };
    await server.serve({ name: 'probe', version: '1.0.0', contracts: { echo: laxer }, handlers });
    t.same(await failure(caller.call(probe.echo, { text: '' }, probeContext())), ['contract-violated', {}]);
  });

  t.test('an error of the contract arrives with its code and details', async (t) => {
    const { caller, serve, log } = await setUp(t);
    await serve(async () => {
      throw new AppError('rate-limited', { retryAfterSeconds: 7, field: 'phone' }, new Error('inside'));
    });
    const expected = ['rate-limited', { retryAfterSeconds: 7, field: 'phone' }];
    t.same(await failure(caller.call(probe.echo, { text: '' }, probeContext())), expected);
    t.equal(log.text(), '', 'a refusal is no fault and fills no log');
  });

  t.test('details that the catalogue does not know stay in the service', async (t) => {
    const { caller, serve } = await setUp(t);
    await serve(async () => {
      const details = { field: 'id', sql: 'select 1' };
      throw new AppError('account-unknown', details);
    });
    const [code, details] = await failure(caller.call(probe.echo, { text: '' }, probeContext()));
    t.equal(code, 'account-unknown');
    t.strictSame(details, { field: 'id' });
  });

  t.test('a common error needs no line in the contract', async (t) => {
    const { caller, serve, log } = await setUp(t);
    await serve(async () => {
      throw new AppError('database-unavailable', { retryAfterSeconds: 1 });
    });
    const expected = ['database-unavailable', { retryAfterSeconds: 1 }];
    t.same(
      await failure(caller.call(probe.echo, { text: '' }, probeContext({ requestId: 'find-me' }))),
      expected,
    );
    t.match(log.text(), /"requestId":"find-me"/);
  });

  t.test('an error that the contract does not list arrives as internal', async (t) => {
    const { caller, serve, log } = await setUp(t);
    await serve(async () => {
      throw new AppError('identity-taken', { field: 'nickname' });
    });
    const call = caller.call(probe.echo, { text: '' }, probeContext({ requestId: 'find-me' }));
    t.same(await failure(call), ['internal', {}]);
    t.match(log.text(), /identity-taken/);
    t.match(log.text(), /"requestId":"find-me"/);
  });

  t.test('a code that the caller does not know arrives as internal', async (t) => {
    const { caller, server } = await setUp(t);
    const newer = contract({ ...laxer, errors: ['identity-taken'] });
    const handlers = {
      echo: async () => {
        throw new AppError('identity-taken');
      },
    };
    await server.serve({ name: 'probe', version: '2.0.0', contracts: { echo: newer }, handlers });
    t.same(await failure(caller.call(probe.echo, { text: '' }, probeContext())), ['internal', {}]);
  });

  t.test('anything else that a handler throws arrives as internal, without its words', async (t) => {
    const { caller, serve, log } = await setUp(t);
    await serve(() => {
      throw new TypeError('at host db.internal');
    });
    const call = caller.call(probe.echo, { text: '' }, probeContext({ requestId: 'find-me' }));
    t.same(await failure(call), ['internal', {}]);
    t.match(log.text(), /"requestId":"find-me"/);
    t.match(log.text(), /at host db\.internal/);
  });

  t.test('a call that nobody serves is unavailable at once', async (t) => {
    const { caller } = await setUp(t);
    const start = performance.now();
    const call = caller.call(probe.echo, { text: '' }, probeContext({ deadline: Date.now() + 60_000 }));
    t.same(await failure(call), ['unavailable', {}]);
    t.ok(performance.now() - start < 1000);
  });

  t.test('a call that is not answered ends at its deadline', async (t) => {
    const { caller, serve } = await setUp(t);
    const release = Promise.withResolvers<void>();
    await serve(async (input) => {
      await release.promise;
      return input;
    });
    const start = performance.now();
    const call = caller.call(probe.echo, { text: '' }, probeContext({ deadline: Date.now() + 100 }));
    t.same(await failure(call), ['deadline-passed', {}]);
    const took = performance.now() - start;
    t.ok(took > 90 && took < 1000, `after ${took} ms`);
    release.resolve();
  });

  t.test('a call whose deadline is over is not sent', async (t) => {
    const { caller } = await setUp(t);
    const call = caller.call(probe.echo, { text: '' }, probeContext({ deadline: Date.now() - 1 }));
    t.same(await failure(call), ['deadline-passed', {}]);
  });

  t.test('a call that arrives after its deadline is not run', async (t) => {
    // The caller looks at the clock first, then the service: 4 s later, as it seems.
    let now = 1000;
    const clock = () => {
      now += 4000;
      return now;
    };
    const { caller, serve } = await setUp(t, clock);
    let runs = 0;
    await serve(async (input) => {
      runs++;
      return input;
    });
    const call = caller.call(probe.echo, { text: '' }, probeContext({ deadline: 8000 }));
    t.same(await failure(call), ['deadline-passed', {}]);
    t.equal(runs, 0);
  });

  t.test('a context that fits no header is refused before it is sent', async (t) => {
    const { caller } = await setUp(t);
    for (const wrong of [
      { requestId: 'a\r\nx-caller: {}' },
      { requestId: '' },
      { deadline: Number.NaN },
      { traceparent: 'a\nb' },
    ]) {
      t.same(await failure(caller.call(probe.echo, { text: '' }, probeContext(wrong))), [
        'contract-violated',
        {},
      ]);
    }
  });

  t.test('a request or reply over a million bytes is refused', async (t) => {
    const { caller, serve, log } = await setUp(t);
    await serve(async ({ text }) => ({ text: text.repeat(2) }));
    const half = '张'.repeat(200_000);
    t.same(await failure(caller.call(probe.echo, { text: half }, probeContext())), ['contract-violated', {}]);
    t.match(log.text(), /reply of probe\.echo: over 1000000 bytes/);
    log.clear();
    const call = caller.call(probe.echo, { text: half.repeat(2) }, probeContext());
    t.same(await failure(call), ['contract-violated', {}]);
    t.match(log.text(), /request of probe\.echo: over 1000000 bytes/);
  });

  t.test('services of one name share the calls, each call runs once', async (t) => {
    const { caller, server, serve } = await setUp(t);
    const runs = [0, 0];
    for (const [index, bus] of [caller, server].entries()) {
      await serve(async (input) => {
        runs[index] = (runs[index] ?? 0) + 1;
        return input;
      }, bus);
    }
    for (let call = 0; call < 200; call++) await caller.call(probe.echo, { text: '' }, probeContext());
    const [first = 0, second = 0] = runs;
    t.equal(first + second, 200);
    t.ok(first > 20 && second > 20, `${first} and ${second}`);
  });

  t.test('a drain answers what is in flight and takes no more', async (t) => {
    const { caller, serve } = await setUp(t);
    const release = Promise.withResolvers<void>();
    const all = Promise.withResolvers<void>();
    let runs = 0;
    const served = await serve(async (input) => {
      runs++;
      if (runs === 50) all.resolve();
      await release.promise;
      return input;
    });
    const calls = Array.from({ length: 50 }, () => caller.call(probe.echo, { text: 'x' }, probeContext()));
    await all.promise;
    let drained = false;
    const drain = served.drain().then(() => {
      drained = true;
    });
    await untilNobodyServes(caller);
    t.equal(drained, false);
    release.resolve();
    const replies = await Promise.all(calls);
    t.equal(replies.filter(({ text }) => text === 'x').length, 50);
    await drain;
  });

  t.test('with one of two drained, the other takes all', async (t) => {
    const { caller, serve } = await setUp(t);
    const first = await serve(async () => ({ text: 'first' }));
    await serve(async () => ({ text: 'second' }));
    await first.drain();
    for (let call = 0; call < 20; call++) {
      t.same(await caller.call(probe.echo, { text: '' }, probeContext()), { text: 'second' });
    }
  });

  t.test('a closed bus has answered what was in flight and is unavailable', async (t) => {
    const { caller, server, serve } = await setUp(t);
    t.equal(server.connected(), true);
    const release = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    await serve(async (input) => {
      arrived.resolve();
      await release.promise;
      return input;
    });
    const call = caller.call(probe.echo, { text: 'x' }, probeContext());
    await arrived.promise;
    const closed = server.close();
    await untilNobodyServes(caller);
    release.resolve();
    t.same(await call, { text: 'x' });
    await closed;
    t.equal(server.connected(), false);
    t.same(await failure(server.call(probe.echo, { text: '' }, probeContext())), ['unavailable', {}]);
    t.same(await failure(serve(async (input) => input)), ['unavailable', {}]);
  });
}
