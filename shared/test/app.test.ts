import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { buildApp, type Dependencies } from '@vestibule/shared/app';
import { listen } from '@vestibule/shared/listen';
import { logLines } from '@vestibule/shared/test/log-lines';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';

function openApp(t: Test, dependencies: Dependencies = {}, drainMs?: number) {
  const lines = logLines();
  const options = { name: 'probe', logger: lines.logger, dependencies };
  const app = buildApp({ ...options, ...(drainMs !== undefined && { drainMs }) });
  t.teardown(() => app.close());
  return { app, lines };
}

/** A handler that answers when it is told to. */
function held() {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: answer, resolve: release } = Promise.withResolvers<void>();
  const handler = async () => {
    begin();
    await answer;
    return { done: true };
  };
  return { handler, begun, release };
}

t.test('readiness names each dependency and whether it is needed', async (t) => {
  const state = { bus: true, store: true };
  const { app } = openApp(t, {
    bus: { needed: true, ready: () => state.bus },
    store: { needed: false, ready: async () => state.store },
  });
  const ready = async () => {
    const answer = await app.inject('/health/ready');
    return [answer.statusCode, answer.json()];
  };
  t.same(await ready(), [
    200,
    {
      name: 'probe',
      status: 'ready',
      dependencies: { bus: { needed: true, ready: true }, store: { needed: false, ready: true } },
    },
  ]);
  state.store = false;
  t.same(await ready(), [
    200,
    {
      name: 'probe',
      status: 'ready',
      dependencies: { bus: { needed: true, ready: true }, store: { needed: false, ready: false } },
    },
  ]);
  state.bus = false;
  t.same(await ready(), [
    503,
    {
      name: 'probe',
      status: 'unavailable',
      dependencies: { bus: { needed: true, ready: false }, store: { needed: false, ready: false } },
    },
  ]);
  const live = await app.inject('/health/live');
  t.same([live.statusCode, live.json()], [200, { name: 'probe', status: 'live' }]);
});

t.test('a close finishes what was begun, takes keep-alive clients leave, and says so', async (t) => {
  const { app } = openApp(t);
  const slow = held();
  app.get('/slow', slow.handler);
  const url = await listen(app, { host: '127.0.0.1', port: 0 });
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  const ask = async (path: string) => {
    const [answer] = (await once(get(`${url}${path}`, { agent }), 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return [answer.statusCode, answer.headers.connection];
  };

  t.same(await ask('/health/ready'), [200, 'keep-alive']);
  const begun = ask('/slow');
  await slow.begun;
  const asked = performance.now();
  const closing = app.close();
  t.same(await ask('/health/ready'), [503, 'close'], 'who comes while it closes is answered, and sent away');
  slow.release();
  t.same(await begun, [200, 'close'], 'what was begun is finished');
  await closing;
  t.ok(performance.now() - asked < 3000, 'no idle connection holds it');
  await t.rejects(ask('/health/live'), { code: 'ECONNREFUSED' });
});

t.test('a close goes on answering for as long as the proxy in front needs to notice', async (t) => {
  const { app } = openApp(t, {}, 1000);
  const url = await listen(app, { host: '127.0.0.1', port: 0 });
  const asked = performance.now();
  const closing = app.close();
  const statuses = new Set<number>();
  await until('it listens no longer', async () => {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (answer) statuses.add(answer.status);
    return answer === undefined;
  });
  t.ok(performance.now() - asked >= 1000, 'not before');
  t.same([...statuses], [503]);
  await closing;
});

t.test('a request that never arrives whole does not hold a close for ever', async (t) => {
  const { app } = openApp(t);
  const { port } = new URL(await listen(app, { host: '127.0.0.1', port: 0 }));
  const arrival = once(app.server, 'connection') as Promise<[Socket]>;
  const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
  t.teardown(() => socket.destroy());
  const [peer] = await arrival;
  socket.write('GET / HTTP/1.1\r\nhost: here\r\n');
  await until('half of it is there', () => peer.bytesRead > 0);
  await app.close();
  t.pass('it closed');
});

t.test('a request is one line in the log, without its URL', async (t) => {
  const { app, lines } = openApp(t);
  app.get('/codes/:phone', async () => ({}));
  await app.inject('/codes/13912345678?token=secret');
  await app.inject('/nowhere/13912345678');
  const logged = lines.lines();
  t.match(logged, [
    { msg: 'answered', method: 'GET', route: '/codes/:phone', status: 200, address: '127.0.0.1' },
    { msg: 'answered', method: 'GET', route: null, status: 404 },
  ]);
  t.equal(logged.length, 2);
  t.notMatch(lines.text(), /13912345678|secret/);
});
