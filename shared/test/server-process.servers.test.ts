import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startNatsServer } from './harness/nats-server.ts';
import { accepts, freePort, startServer, until } from './harness/server-process.ts';

t.test('a server is killed and comes back on its port as another process', async (t) => {
  const server = await startNatsServer();
  t.teardown(() => server.stop());
  const before = server.pid;
  t.equal(await accepts(server.port), true);
  await server.kill();
  t.equal(await accepts(server.port), false);
  await server.restart();
  t.equal(await accepts(server.port), true);
  t.not(server.pid, before);
});

t.test('a server does not outlive a test process that is killed', async (t) => {
  const module = fileURLToPath(new URL('./harness/nats-server.ts', import.meta.url));
  const script = `
    import { startNatsServer } from ${JSON.stringify(module)};
    console.log((await startNatsServer()).port);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk] = await once(owner.stdout, 'data');
  const port = Number(String(chunk));
  t.equal(await accepts(port), true);
  owner.kill('SIGKILL');
  await until('the server is gone', async () => !(await accepts(port)), 2000);
});

t.test('a server that does not start says why', async (t) => {
  const server = { command: 'nats-server', args: ['--config', '/does/not/exist'], port: await freePort() };
  await t.rejects(startServer(server), { message: /nats-server ended:[\s\S]*no such file/ });
  await t.rejects(startServer({ ...server, command: 'no-such-server' }), { message: /no-such-server/ });
});
