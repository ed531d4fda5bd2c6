import type { Test } from 'tap';
import { natsBus } from '../../src/bus/nats-bus.ts';
import { probe, probeContext } from './bus-probe.ts';
import { logLines } from './log-lines.ts';
import { startNatsServer } from './nats-server.ts';

/** A broker of one test, and the two ends of a bus over it. */
export async function natsBusPair(t: Test, settings: readonly string[] = []) {
  const broker = await startNatsServer({ settings });
  const log = logLines();
  const parts = { url: broker.url, namespace: 'faults', clock: Date.now, logger: log.logger };
  const caller = await natsBus({ ...parts, name: 'caller' });
  const server = await natsBus({ ...parts, name: 'server' });
  t.teardown(async () => {
    await Promise.all([caller.close(), server.close()]);
    await broker.stop();
  });
  const call = (text: string, withinMs = 10_000) =>
    caller.call(probe.echo, { text }, probeContext({ deadline: Date.now() + withinMs }));
  const answered = () =>
    call('?', 500).then(
      () => true,
      () => false,
    );
  return { broker, log, caller, server, call, answered };
}
