import t from 'tap';
import { createBusMetrics } from '../src/bus/bus-metrics.ts';
import { memoryBus } from '../src/bus/memory-bus.ts';
import { AppError } from '../src/errors.ts';
import { Registry } from '../src/metrics.ts';
import { failure, probe, probeContext, serveProbe } from './harness/bus-probe.ts';
import { logLines } from './harness/log-lines.ts';

t.test('calls are counted per subject and outcome, at who asks and at who answers', async (t) => {
  const registry = new Registry();
  const metrics = createBusMetrics(registry);
  const bus = memoryBus({ clock: Date.now, logger: logLines().logger, metrics });
  t.teardown(() => bus.close());
  const figures = async (name: string) =>
    (await registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`))
      .map((line) => line.slice(name.length));
  t.same(await failure(bus.call(probe.echo, { text: 'x' }, probeContext())), ['unavailable', {}]);

  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  await serveProbe(bus, async (input) => {
    if (input.text === 'unknown') throw new AppError('account-unknown');
    if (input.text === 'wait') {
      arrived.resolve();
      await release.promise;
    }
    return input;
  });
  await bus.call(probe.echo, { text: 'x' }, probeContext());
  await failure(bus.call(probe.echo, { text: 'unknown' }, probeContext()));
  const waiting = bus.call(probe.echo, { text: 'wait' }, probeContext());
  await arrived.promise;
  t.same(await figures('vestibule_bus_calls_in_flight'), ['{subject="probe.echo"} 1']);
  release.resolve();
  await waiting;

  t.same(await figures('vestibule_bus_calls_in_flight'), ['{subject="probe.echo"} 0']);
  t.same(await figures('vestibule_bus_call_seconds_count'), [
    '{subject="probe.echo",outcome="unavailable"} 1',
    '{subject="probe.echo",outcome="ok"} 2',
    '{subject="probe.echo",outcome="account-unknown"} 1',
  ]);
  t.same(await figures('vestibule_bus_served_seconds_count'), [
    '{subject="probe.echo",outcome="ok"} 2',
    '{subject="probe.echo",outcome="account-unknown"} 1',
  ]);
});
