import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { charityClient } from './harness/charity-client.ts';
import { startPlatform } from './harness/platform.ts';

t.setTimeout(900_000);

t.test(
  'every acknowledged registration exists after kill -9 of each process in turn',
  { timeout: 300_000 },
  async (t) => {
    const platform = await startPlatform(t, {
      replicas: { verification: 0 },
      settings: { REQUEST_DEADLINE_MS: '2000' },
    });
    const clients = platform.gateways.map(charityClient);
    const [client = charityClient('')] = clients;
    const admin = await client.register('0');

    const acknowledged: string[] = [];
    let refused = 0;
    let running = true;
    const registering = Array.from({ length: 4 }, async (_, index) => {
      const mine = clients[index % clients.length] ?? client;
      while (running) {
        await mine.register('1').then(
          ({ id }) => acknowledged.push(id),
          () => {
            refused += 1;
          },
        );
      }
    });

    const grown = (by: number) => {
      const goal = acknowledged.length + by;
      return until(`${goal} are acknowledged`, () => acknowledged.length >= goal, 30_000);
    };
    for (const victim of [...platform.parts, platform.redis, platform.nats, platform.postgres]) {
      await victim.kill();
      await victim.restart();
      await grown(20);
    }
    running = false;
    await Promise.all(registering);

    t.ok(acknowledged.length > 100, `${acknowledged.length} acknowledged, ${refused} refused`);
    t.equal(new Set(acknowledged).size, acknowledged.length, 'no id twice');
    const missing: string[] = [];
    for (const id of acknowledged) {
      if ((await client.post('getuser', { id }, admin.token)).code !== 200) missing.push(id);
    }
    t.same(missing, [], 'none is missing');
  },
);
