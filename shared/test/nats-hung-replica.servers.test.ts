import t, { type Test } from 'tap';
import { natsBus } from '../src/bus/nats-bus.ts';
import { contract } from '../src/contracts/contract.ts';
import { probe, probeContext, serveProbe } from './harness/bus-probe.ts';
import { logLines } from './harness/log-lines.ts';
import { startNatsServer } from './harness/nats-server.ts';

/** Two replicas of a service on one broker, of which the first never answers; and somebody who calls. */
async function oneReplicaHangs(t: Test) {
  const broker = await startNatsServer();
  const parts = {
    url: broker.url,
    namespace: 'hung',
    clock: Date.now,
    logger: logLines().logger,
    secondTryMs: 20,
  };
  const [caller, hanging, healthy] = await Promise.all(
    ['caller', 'hanging', 'healthy'].map((name) => natsBus({ ...parts, name })),
  );
  if (!caller || !hanging || !healthy) throw new Error('three ends were opened');
  const hung = Promise.withResolvers<{ text: string }>();
  const taken = { hanging: 0, healthy: 0 };
  await serveProbe(hanging, () => {
    taken.hanging += 1;
    return hung.promise;
  });
  await serveProbe(healthy, async (input) => {
    taken.healthy += 1;
    return input;
  });
  t.teardown(async () => {
    hung.resolve({ text: '' });
    await Promise.all([caller, hanging, healthy].map((bus) => bus.close()));
    await broker.stop();
  });
  return { caller, taken };
}

t.test('what may be asked twice is answered by the other replica when one hangs', async (t) => {
  const { caller, taken } = await oneReplicaHangs(t);
  const calls = Array.from({ length: 200 }, (_, index) =>
    caller
      .call(probe.echo, { text: String(index) }, probeContext({ deadline: Date.now() + 5000 }))
      .then(({ text }) => text === String(index))
      .catch(() => false),
  );
  const good = (await Promise.all(calls)).filter(Boolean).length;
  t.equal(good, 200);
  t.ok(taken.hanging > 50, `${taken.hanging} went to the one that hangs`);
});

t.test('what must not be asked twice is sent once, and ends at its deadline', async (t) => {
  const { caller, taken } = await oneReplicaHangs(t);
  const once = contract({ ...probe.echo, idempotent: false });
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, () =>
      caller
        .call(once, { text: '' }, probeContext({ deadline: Date.now() + 500 }))
        .then(() => 'answered')
        .catch((error: unknown) => Object(error).code),
    ),
  );
  const answered = outcomes.filter((outcome) => outcome === 'answered').length;
  t.equal(taken.hanging + taken.healthy, 50);
  t.equal(answered, taken.healthy);
  t.equal(outcomes.filter((outcome) => outcome === 'deadline-passed').length, taken.hanging);
});
