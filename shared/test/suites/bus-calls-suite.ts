import type { Test } from 'tap';
import type { CallContext } from '../../src/call-context.ts';
import { failure, type OpenBus, openProbe, probe, probeContext } from '../harness/bus-probe.ts';

/** What every call brings and takes: text, context, copies, and an end at its deadline. */
export function busCallsSuite(t: Test, open: OpenBus): void {
  t.test('a call is answered by its handler', async (t) => {
    const { caller, serve } = await openProbe(t, open);
    await serve(async ({ text }) => ({ text: `${text}!` }));
    t.same(await caller.call(probe.echo, { text: 'hello' }, probeContext()), { text: 'hello!' });
  });

  t.test('text of every kind arrives as it was sent', async (t) => {
    const { caller, serve } = await openProbe(t, open);
    await serve(async (input) => input);
    for (const text of ['', '张三 🎉', 'a\r\nb\tc', '"\\', '\u2028\u0001', 'x'.repeat(300_000)]) {
      t.equal((await caller.call(probe.echo, { text }, probeContext())).text, text);
    }
  });

  t.test('a thousand calls at once get each its own answer', async (t) => {
    const { caller, serve } = await openProbe(t, open);
    await serve(async (input) => input);
    const texts = Array.from({ length: 1000 }, (_, index) => `call ${index}`);
    const replies = await Promise.all(texts.map((text) => caller.call(probe.echo, { text }, probeContext())));
    t.same(
      replies.map(({ text }) => text),
      texts,
    );
  });

  t.test('the handler gets request id, deadline, trace context and caller', async (t) => {
    const { caller, serve } = await openProbe(t, open);
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
    const { caller, serve } = await openProbe(t, open);
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

  t.test('a call that nobody serves is unavailable at once', async (t) => {
    const { caller } = await openProbe(t, open);
    const start = performance.now();
    const call = caller.call(probe.echo, { text: '' }, probeContext({ deadline: Date.now() + 60_000 }));
    t.same(await failure(call), ['unavailable', {}]);
    t.ok(performance.now() - start < 1000);
  });

  t.test('a call that is not answered ends at its deadline', async (t) => {
    const { caller, serve } = await openProbe(t, open);
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
    const { caller } = await openProbe(t, open);
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
    const { caller, serve } = await openProbe(t, open, clock);
    let runs = 0;
    await serve(async (input) => {
      runs++;
      return input;
    });
    const call = caller.call(probe.echo, { text: '' }, probeContext({ deadline: 8000 }));
    t.same(await failure(call), ['deadline-passed', {}]);
    t.equal(runs, 0);
  });
}
