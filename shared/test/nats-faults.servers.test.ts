import { createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { natsBus } from '../src/bus/nats-bus.ts';
import { failure, serveProbe, untilNobodyServes } from './harness/bus-probe.ts';
import { natsBusPair } from './harness/nats-bus-pair.ts';
import { until } from './harness/server-process.ts';

/** Milliseconds that something took. */
async function duration(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work;
  return performance.now() - start;
}

t.test(
  'with the broker killed calls are unavailable at once, and good within 2 s of its return',
  async (t) => {
    const { broker, caller, server, call, answered } = await natsBusPair(t);
    await serveProbe(server, async (input) => input);
    for (let round = 0; round < 2; round++) {
      t.same(await call('before'), { text: 'before' });
      await broker.kill();
      await until('both ends know it', () => !caller.connected() && !server.connected(), 1000);
      const refused = Promise.all(Array.from({ length: 50 }, () => failure(call('x'))));
      const took = await duration(refused);
      t.same(await refused, Array(50).fill(['unavailable', {}]));
      t.ok(took < 500, `50 refusals took ${took} ms`);
      await broker.restart();
      const back = await duration(until('calls are answered', answered, 2000));
      t.ok(back < 2000, `answered ${back} ms after the return`);
      t.ok(caller.connected() && server.connected());
    }
  },
);

t.test('many tries in vain, and one that hangs, do not end the connection', async (t) => {
  const { broker, server, call, answered } = await natsBusPair(t);
  await serveProbe(server, async (input) => input);
  await broker.kill();
  const tries: Socket[] = [];
  const impostor = createServer((socket) => {
    tries.push(socket);
    if (tries.length < 24) socket.destroy();
  });
  t.teardown(() => tries.map((socket) => socket.destroy()));
  impostor.listen(broker.port, '127.0.0.1');
  await until('both ends have tried', () => tries.length >= 26);
  t.same(await failure(call('x')), ['unavailable', {}]);
  // It listens no more, and keeps the connections that it has, as a machine does that is cut off.
  impostor.close();
  await broker.restart();
  await until('calls are answered', answered, 2000);
});

t.test('a try that took too long is given up for good', async (t) => {
  const { broker, server, answered } = await natsBusPair(t);
  await serveProbe(server, async (input) => input);
  await broker.kill();
  const tries: Socket[] = [];
  const impostor = createServer((socket) => tries.push(socket.on('error', () => {}).resume()));
  t.teardown(() => tries.map((socket) => socket.destroy()));
  impostor.listen(broker.port, '127.0.0.1');
  await until('both ends have tried again', () => tries.length >= 4);
  impostor.close();
  await until('they close what they have given up', () => tries.filter((one) => one.closed).length >= 2);
  await broker.restart();
  await until('calls are answered', answered, 2000);
  await until('there is no other connection left', () => tries.every(({ closed }) => closed), 2000);
});

t.test('a call that is under way when the broker is killed ends at its deadline', async (t) => {
  const { broker, server, call } = await natsBusPair(t);
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  await serveProbe(server, async (input) => {
    arrived.resolve();
    await release.promise;
    return input;
  });
  const lost = failure(call('x', 600));
  await arrived.promise;
  await broker.kill();
  const took = await duration(lost);
  t.same(await lost, ['deadline-passed', {}]);
  t.ok(took < 800, `${took} ms`);
  release.resolve();
});

t.test('what a frozen broker holds is never run after its deadline', async (t) => {
  const { broker, server, call, log } = await natsBusPair(t);
  const ran: string[] = [];
  await serveProbe(server, async (input) => {
    ran.push(input.text);
    return input;
  });
  await call('before');
  await broker.freeze();
  const held = Promise.all(Array.from({ length: 20 }, () => failure(call('late', 300))));
  const took = await duration(held);
  t.same(await held, Array(20).fill(['deadline-passed', {}]));
  t.ok(took > 290 && took < 600, `the calls ended after ${took} ms`);
  broker.thaw();
  // Sent on the same connection after the others, it arrives after them.
  await call('after');
  t.same(ran, ['before', 'after']);
  const refusals = log
    .text()
    .split('\n')
    .filter((line) => line.includes('"message":"deadline-passed"'));
  t.equal(refusals.length, 20, 'they did arrive, and were refused');
});

t.test('a broker frozen for long counts as away, and is back within 2 s of the thaw', async (t) => {
  const { broker, caller, server, call, answered } = await natsBusPair(t);
  const late: string[] = [];
  await serveProbe(server, async (input, { deadline }) => {
    if (Date.now() > deadline) late.push(input.text);
    return input;
  });
  await call('before');
  await broker.freeze();
  // More than the system's buffers take: the farewell to the old connection gets stuck behind it.
  const load = 'x'.repeat(900_000);
  const held = Promise.all(Array.from({ length: 20 }, (_, index) => failure(call(load, 150 * (index + 1)))));
  await until('both ends know it', () => !caller.connected() && !server.connected(), 9000);
  const took = await duration(failure(call('x')));
  t.ok(took < 50, `a call is refused in ${took} ms`);
  t.same(await failure(call('x')), ['unavailable', {}]);
  broker.thaw();
  await until('calls are answered', answered, 2000);
  t.same(await held, Array(20).fill(['deadline-passed', {}]));
  t.same(late, []);
});

t.test('a call on its way to a replica that closes is answered', async (t) => {
  const { caller, server, call } = await natsBusPair(t);
  const release = Promise.withResolvers<void>();
  await serveProbe(server, async (input) => {
    await release.promise;
    return input;
  });
  const onItsWay = call('x');
  await setImmediate();
  // With this thread standing still the broker brings the call, and nobody has read it when the farewell goes.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  const closed = server.close();
  await untilNobodyServes(caller);
  release.resolve();
  t.same(await onItsWay, { text: 'x' });
  await closed;
});

t.test('a replica that leaves under load loses no call', async (t) => {
  const { broker, log, server, call } = await natsBusPair(t);
  const settings = { url: broker.url, namespace: 'faults', clock: Date.now, logger: log.logger };
  const leaving = await natsBus({ ...settings, name: 'leaving' });
  for (const bus of [server, leaving]) {
    await serveProbe(bus, async (input) => {
      await setImmediate();
      return input;
    });
  }
  let left = false;
  const client = async () => {
    let answered = 0;
    for (; !left || answered < 50; answered++) await call('x', 2000);
    return answered;
  };
  const clients = Promise.all(Array.from({ length: 64 }, client));
  await call('under way');
  await leaving.close();
  left = true;
  t.ok((await clients).every((answered) => answered >= 50));
});

t.test('a bus closes while the broker is frozen', async (t) => {
  const { broker, server } = await natsBusPair(t);
  await serveProbe(server, async (input) => input);
  await broker.freeze();
  const took = await duration(server.close());
  t.ok(took < 5000, `${took} ms`);
  t.equal(server.connected(), false);
  broker.thaw();
});

t.test('a bus closes while the broker is away', async (t) => {
  const { broker, server } = await natsBusPair(t);
  await serveProbe(server, async (input) => input);
  await broker.kill();
  await until('it knows', () => !server.connected(), 1000);
  const took = await duration(server.close());
  t.ok(took < 5000, `${took} ms`);
});
