import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect } from 'nats';
import t, { type Test } from 'tap';
import { natsBus } from '../src/bus/nats-bus.ts';
import { probe, probeContext, serveProbe } from './harness/bus-probe.ts';
import { logLines } from './harness/log-lines.ts';
import { startNatsServer } from './harness/nats-server.ts';
import { freePort, until } from './harness/server-process.ts';

/** A bus that serves itself, and what it logs. */
async function openBus(t: Test, url: string) {
  const log = logLines();
  const opening = natsBus({ url, namespace: 'place', name: 'desk-1', clock: Date.now, logger: log.logger });
  t.teardown(async () => (await opening).close());
  const works = async () => {
    const bus = await opening;
    await serveProbe(bus, async (input) => input);
    const reply = await bus.call(probe.echo, { text: 'x' }, probeContext());
    return reply.text === 'x';
  };
  return { opening, log, works };
}

t.test('a service and its subjects are found by the tools of NATS', async (t) => {
  t.plan(4);
  const broker = await startNatsServer();
  t.teardown(() => broker.stop());
  const { opening, works } = await openBus(t, broker.url);
  await works();
  const tool = await connect({ servers: broker.url });
  t.teardown(() => tool.close());
  const services = tool.services.client();
  for await (const info of await services.info('probe')) {
    t.match(info, { name: 'probe', version: '1.2.3', metadata: { namespace: 'place' } });
    t.match(info.endpoints, [{ name: 'echo', subject: 'place.probe.echo', queue_group: 'probe' }]);
  }
  for await (const { endpoints } of await services.stats('probe')) {
    t.match(endpoints, [{ name: 'echo', num_requests: 1 }]);
  }
  await (await opening).close();
  const found = (await services.ping('probe'))[Symbol.asyncIterator]();
  await t.rejects(found.next(), { code: '503' }, 'and not after it closed');
});

t.test('the broker lists the connection under its name', async (t) => {
  const httpPort = await freePort();
  const broker = await startNatsServer({ settings: [`http: "127.0.0.1:${httpPort}"`] });
  t.teardown(() => broker.stop());
  await (await openBus(t, broker.url)).opening;
  const answer = await fetch(`http://127.0.0.1:${httpPort}/connz`);
  t.match(await answer.json(), { connections: [{ name: 'desk-1' }] });
});

t.test('user and password come from the URL', async (t) => {
  const broker = await startNatsServer({ settings: ['authorization { user: "me", password: "p@ss/w:rd" }'] });
  t.teardown(() => broker.stop());
  const { works } = await openBus(t, broker.url.replace('//', '//me:p%40ss%2Fw%3Ard@'));
  t.equal(await works(), true);
});

t.test('a user that may listen to its own inbox alone is answered there', async (t) => {
  const permissions = '{ publish: ">", subscribe: ["place.>", "$SRV.>", "_INBOX.me.>"] }';
  const user = `{ user: "me", password: "sesame", permissions: ${permissions} }`;
  const broker = await startNatsServer({ settings: [`authorization { users: [${user}] }`] });
  t.teardown(() => broker.stop());
  const { works } = await openBus(t, broker.url.replace('//', '//me:sesame@'));
  t.equal(await works(), true);
});

t.test('a token comes from the URL', async (t) => {
  const broker = await startNatsServer({ settings: ['authorization { token: "t0ken" }'] });
  t.teardown(() => broker.stop());
  const { works } = await openBus(t, broker.url.replace('//', '//t0ken@'));
  t.equal(await works(), true);
});

t.test('of several brokers in the URL one that is there is taken', async (t) => {
  const broker = await startNatsServer();
  t.teardown(() => broker.stop());
  const { works } = await openBus(t, `nats://127.0.0.1:${await freePort()},${broker.url}`);
  t.equal(await works(), true);
});

t.test('a start before the broker waits for it and says so once, without the password', async (t) => {
  const port = await freePort();
  let tries = 0;
  const nobody = createServer((socket) => {
    tries++;
    socket.destroy();
  }).listen(port, '127.0.0.1');
  const { log, works } = await openBus(t, `nats://me:hunter2@127.0.0.1:${port}`);
  await until('it has tried', () => tries >= 3);
  nobody.close();
  await once(nobody, 'close');
  const working = works();
  const broker = await startNatsServer({ port });
  t.teardown(() => broker.stop());
  t.equal(await working, true);
  t.equal(log.text().match(/waiting for the broker/g)?.length, 1);
  t.match(log.text(), /CONNECTION_REFUSED/);
  t.notMatch(log.text(), /hunter2/);
});

t.test('a refused password is told, and taken once the broker knows it', async (t) => {
  const port = await freePort();
  const strict = await startNatsServer({ port, settings: ['authorization { user: "me", password: "old" }'] });
  const { log, works } = await openBus(t, `nats://me:hunter2@127.0.0.1:${port}`);
  await until('it is told', () => /Authorization Violation/i.test(log.text()));
  const working = works();
  await strict.stop();
  const settings = ['authorization { user: "me", password: "hunter2" }'];
  const broker = await startNatsServer({ port, settings });
  t.teardown(() => broker.stop());
  t.equal(await working, true);
  t.notMatch(log.text(), /hunter2/);
});

t.test('a password refused after a reconnect does not end the connection', async (t) => {
  const port = await freePort();
  const first = await startNatsServer({ port });
  const { opening, log, works } = await openBus(t, `nats://me:hunter2@127.0.0.1:${port}`);
  t.equal(await works(), true);
  const bus = await opening;
  await first.stop();
  const strict = await startNatsServer({ port, settings: ['authorization { user: "me", password: "old" }'] });
  await until('it is refused twice', () => (log.text().match(/AUTHORIZATION_VIOLATION/g)?.length ?? 0) > 1);
  t.equal(bus.connected(), false);
  await strict.stop();
  const last = await startNatsServer({ port });
  t.teardown(() => last.stop());
  await until('it is connected', () => bus.connected(), 2000);
  t.same(await bus.call(probe.echo, { text: 'y' }, probeContext()), { text: 'y' });
});
