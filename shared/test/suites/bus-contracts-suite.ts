import type { Test } from 'tap';
import { failure, laxer, type OpenBus, openProbe, probe, probeContext } from '../harness/bus-probe.ts';

/** What breaks a contract stops where it is found, and nothing unnamed gets through. */
export function busContractsSuite(t: Test, open: OpenBus): void {
  t.test('fields that the contract does not name reach neither handler nor caller', async (t) => {
    const { caller, server, serve } = await openProbe(t, open);
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
    const { caller } = await openProbe(t, open);
    // Nobody serves it: had it been sent, it would be `unavailable`.
    const wrong = { text: 'x', inner: { depth: 1.5 } };
    t.same(await failure(caller.call(probe.echo, wrong, probeContext())), ['contract-violated', {}]);
  });

  t.test('a request against the contract reaches no handler', async (t) => {
    const { caller, serve, log } = await openProbe(t, open);
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
    const { caller, serve, log } = await openProbe(t, open);
    await serve(async () => ({ text: 'hunter2', inner: { depth: 0.5 } }));
    t.same(await failure(caller.call(laxer, { text: '' }, probeContext())), ['contract-violated', {}]);
    t.match(log.text(), /reply of probe\.echo: \/inner\/depth Expected integer/);
    t.notMatch(log.text(), /hunter2/);
  });

  t.test('a reply against the contract does not reach the caller', async (t) => {
    const { caller, server } = await openProbe(t, open);
    const handlers = { echo: async () => ({ text: 5 }) };
    await server.serve({ name: 'probe', version: '1.0.0', contracts: { echo: laxer }, handlers });
    t.same(await failure(caller.call(probe.echo, { text: '' }, probeContext())), ['contract-violated', {}]);
  });

  t.test('a context that fits no header is refused before it is sent', async (t) => {
    const { caller } = await openProbe(t, open);
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
    const { caller, serve, log } = await openProbe(t, open);
    await serve(async ({ text }) => ({ text: text.repeat(2) }));
    const half = '张'.repeat(200_000);
    t.same(await failure(caller.call(probe.echo, { text: half }, probeContext())), ['contract-violated', {}]);
    t.match(log.text(), /reply of probe\.echo: over 1000000 bytes/);
    log.clear();
    const call = caller.call(probe.echo, { text: half.repeat(2) }, probeContext());
    t.same(await failure(call), ['contract-violated', {}]);
    t.match(log.text(), /request of probe\.echo: over 1000000 bytes/);
  });
}
