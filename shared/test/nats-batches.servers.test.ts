import t, { type Test } from 'tap';
import { natsBus } from '../src/bus/nats-bus.ts';
import { contract } from '../src/contracts/contract.ts';
import { codeOf } from '../src/errors.ts';
import { probe, probeContext } from './harness/bus-probe.ts';
import { logLines } from './harness/log-lines.ts';
import { type NatsServer, startNatsServer } from './harness/nats-server.ts';
import { until } from './harness/server-process.ts';
import { startTcpProxy, type TcpProxy } from './harness/tcp-proxy.ts';

/** Sent once, whatever happens: so each run of it can be counted. */
const once = contract({ ...probe.echo, idempotent: false });
const atOnce = 300;

/** The two ends of a bus, each behind a proxy of its own, and how often each text was run. */
async function proxiedPair(t: Test) {
  const broker = await startNatsServer();
  const proxies = { caller: await startTcpProxy(broker.port), server: await startTcpProxy(broker.port) };
  const parts = { namespace: 'batches', clock: Date.now, logger: logLines().logger };
  const open = (name: 'caller' | 'server') =>
    natsBus({ ...parts, name, url: `nats://127.0.0.1:${proxies[name].port}` });
  const [caller, server] = await Promise.all([open('caller'), open('server')]);
  t.teardown(async () => {
    await Promise.all([caller.close(), server.close()]);
    await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
    await broker.stop();
  });
  const runs = new Map<string, number>();
  const echo = async (input: { text: string }) => {
    runs.set(input.text, (runs.get(input.text) ?? 0) + 1);
    return input;
  };
  await server.serve({ name: 'probe', version: '1.0.0', contracts: { echo: once }, handlers: { echo } });
  const ask = (text: string, withinMs: number) =>
    caller
      .call(once, { text }, probeContext({ deadline: Date.now() + withinMs }))
      .then((reply) => (reply.text === text ? 'answered' : 'another answer'), codeOf);
  const works = async () => (await ask('works', 500)) === 'answered';
  return { broker, proxies, caller, server, runs, ask, works };
}

/** Ways in which a connection breaks while a batch is on its way, and how all is well again. */
type Fault = {
  name: string;
  strike: (servers: { broker: NatsServer; proxies: Record<'caller' | 'server', TcpProxy> }) => void;
  mend: (servers: { broker: NatsServer }) => Promise<void> | void;
};
const faults: Fault[] = [
  {
    name: 'is cut at the caller',
    strike: ({ broker, proxies }) => proxies.caller.moveTo(broker.port),
    mend() {},
  },
  {
    name: 'is cut at the server',
    strike: ({ broker, proxies }) => proxies.server.moveTo(broker.port),
    mend() {},
  },
  {
    name: 'ends with the broker',
    strike: ({ broker }) => void broker.kill(),
    mend: ({ broker }) => broker.restart(),
  },
  {
    name: 'hangs with the broker',
    strike: ({ broker }) => void broker.freeze(),
    mend: ({ broker }) => broker.thaw(),
  },
];

for (const { name, strike, mend } of faults) {
  t.test(`each call of a batch ends once when its connection ${name}`, async (t) => {
    const { runs, ask, works, ...servers } = await proxiedPair(t);
    t.ok(await works());
    // Together more than a write takes, and than the buffers of the system: some pass, some do not.
    const texts = Array.from({ length: atOnce }, (_, index) => `${index} ${'x'.repeat(20_000)}`);
    const struck = Promise.withResolvers<void>();
    const calls = texts.map((text) => ask(text, 2500));
    void Promise.race(calls).then(() => {
      strike(servers);
      struck.resolve();
    });
    await struck.promise;
    const outcomes = await Promise.all(calls);
    const ends = new Set(['answered', 'unavailable', 'deadline-passed']);
    t.same(
      outcomes.filter((outcome) => !ends.has(outcome)),
      [],
    );
    t.equal(outcomes.length, atOnce);
    t.ok(outcomes.includes('answered'), 'what was answered before is an answer');
    await mend(servers);
    await until('calls are answered', works, 3000);
    const before = texts.filter((text) => runs.has(text)).length;
    t.ok(
      texts.every((text) => (runs.get(text) ?? 0) <= 1),
      'none was sent twice',
    );
    t.ok(
      outcomes.every((outcome, index) => outcome !== 'answered' || runs.get(texts[index] ?? '') === 1),
      'what was answered was run',
    );
    t.ok(await works());
    t.equal(texts.filter((text) => runs.has(text)).length, before, 'and nothing of it is sent later');
  });
}

t.test('what waits to be sent when the connection breaks is not sent on the next one', async (t) => {
  const { broker, proxies, caller, runs, ask, works } = await proxiedPair(t);
  t.ok(await works());
  // The connection ends in the turn in which they are asked for: none of them has left.
  const calls = Array.from({ length: 50 }, (_, index) => ask(`stale ${index}`, 5000));
  proxies.caller.moveTo(broker.port);
  await until('the caller knows it', () => !caller.connected(), 1000);
  await until('calls are answered', works, 3000);
  t.same([...runs.keys()], ['works']);
  await until('the connection is there', () => caller.connected(), 1000);
  await proxies.caller.close();
  t.same(new Set(await Promise.all(calls)), new Set(['deadline-passed']));
});
