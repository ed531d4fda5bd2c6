import { startNatsServer } from '@vestibule/shared/test/nats-server';
import { startPostgresServer } from '@vestibule/shared/test/postgres-server';
import { startRedisServer } from '@vestibule/shared/test/redis-server';
import { freePort, until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { charityClient } from './harness/charity-client.ts';
import { launch } from './harness/launched.ts';

t.test('everything may be started at once: parts wait for their servers, and say so', async (t) => {
  const servers = await Promise.all([startNatsServer(), startRedisServer(), startPostgresServer()]);
  t.teardown(() => Promise.all(servers.map((server) => server.stop())));
  const [nats, redis, postgres] = servers;
  await Promise.all(servers.map((server) => server.kill()));

  const names = ['user', 'auth', 'gateway'] as const;
  const parts = await Promise.all(
    names.map(async (name) => {
      const [PORT, OPS_PORT] = [String(await freePort()), String(await freePort())];
      const source = name === 'gateway' ? 'gateway/src/server.ts' : `services/${name}/src/server.ts`;
      const urls = { NATS_URL: nats.url, REDIS_URL: redis.url, DATABASE_URL: postgres.url };
      const launched = launch(t, source, { ...urls, PORT, OPS_PORT });
      const health = async (path: string) =>
        (await fetch(`http://127.0.0.1:${OPS_PORT}/health/${path}`).catch(() => undefined))?.status;
      return { name, launched, health, url: `http://127.0.0.1:${PORT}` };
    }),
  );
  for (const { name, launched, health } of parts) {
    await launched.says(/waiting for the broker/);
    t.same([await health('live'), await health('ready')], [200, 503], `${name} lives and is not ready`);
  }

  await nats.restart();
  for (const { name, launched } of parts.filter((part) => part.name !== 'gateway')) {
    await launched.says(/the database is away: waiting for it/);
    t.equal(launched.child.exitCode, null, `${name} waits for the database`);
  }
  await Promise.all([postgres.restart(), redis.restart()]);
  for (const { name, health } of parts) {
    await until(`${name} is ready`, async () => (await health('ready')) === 200, 30_000);
  }
  const [gateway = ''] = parts.filter((part) => part.name === 'gateway').map(({ url }) => url);
  const client = charityClient(gateway);
  const { id } = await client.register('1');
  t.equal((await client.login(id)).code, 200);

  for (const { name, launched } of [...parts].reverse()) {
    launched.child.kill('SIGTERM');
    t.equal(await launched.ended, 0, `${name} ends in order`);
    t.equal(launched.complained(), '');
  }
});

t.test('a part told to end while it waits for its servers ends at once', async (t) => {
  const nowhere = `127.0.0.1:${await freePort()}`;
  const launched = launch(t, 'services/user/src/server.ts', {
    NATS_URL: `nats://${nowhere}`,
    REDIS_URL: `redis://${nowhere}`,
    DATABASE_URL: `postgres://${nowhere}/none`,
    OPS_PORT: '0',
  });
  await launched.says(/waiting for the broker/);
  launched.child.kill('SIGTERM');
  t.equal(await launched.ended, 0);
  t.equal(launched.complained(), '');
});
