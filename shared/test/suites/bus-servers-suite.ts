import type { Test } from 'tap';
import {
  failure,
  type OpenBus,
  openProbe,
  probe,
  probeContext,
  untilNobodyServes,
} from '../harness/bus-probe.ts';

/** Services of one name share the work and leave without losing a call. */
export function busServersSuite(t: Test, open: OpenBus): void {
  t.test('services of one name share the calls, each call runs once', async (t) => {
    const { caller, server, serve } = await openProbe(t, open);
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
    const { caller, serve } = await openProbe(t, open);
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
    const { caller, serve } = await openProbe(t, open);
    const first = await serve(async () => ({ text: 'first' }));
    await serve(async () => ({ text: 'second' }));
    await first.drain();
    for (let call = 0; call < 20; call++) {
      t.same(await caller.call(probe.echo, { text: '' }, probeContext()), { text: 'second' });
    }
  });

  t.test('a closed bus has answered what was in flight and is unavailable', async (t) => {
    const { caller, server, serve } = await openProbe(t, open);
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
