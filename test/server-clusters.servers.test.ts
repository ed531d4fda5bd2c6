import { startNatsServer } from '@vestibule/shared/test/nats-server';
import { startPostgresServer } from '@vestibule/shared/test/postgres-server';
import { startRedisServer } from '@vestibule/shared/test/redis-server';
import { freePort, until } from '@vestibule/shared/test/server-process';
import { startTcpProxy } from '@vestibule/shared/test/tcp-proxy';
import { Redis } from 'ioredis';
import pg from 'pg';
import t, { type Test } from 'tap';
import { type CharityClient, charityClient } from './harness/charity-client.ts';
import { startParts } from './harness/platform.ts';

t.setTimeout(300_000);

const settings = { LOG_LEVEL: 'warn', LIMITS: 'off', REQUEST_DEADLINE_MS: '2000' };
const oneOfEach = { user: 1, auth: 1, verification: 0, process: 0, gateway: 1 };

/** Answers rows of one statement. */
async function ask(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Registers one account after the other until it is stopped, whatever the answers. */
function keepRegistering(client: CharityClient) {
  const acknowledged: string[] = [];
  let refused = 0;
  let running = true;
  const done = (async () => {
    while (running) {
      await client.register('1').then(
        ({ id }) => acknowledged.push(id),
        () => {
          refused += 1;
        },
      );
    }
  })();
  return {
    acknowledged,
    refused: () => refused,
    grown(by: number) {
      const goal = acknowledged.length + by;
      return until(`${goal} accounts are acknowledged`, () => acknowledged.length >= goal, 30_000);
    },
    async stop() {
      running = false;
      await done;
    },
  };
}

/** Tells how long it took until `by` more were acknowledged. */
async function tellRecovery(t: Test, what: string, work: () => Promise<void>): Promise<void> {
  const begin = performance.now();
  await work();
  t.comment(`${what}: good again after ${Math.round(performance.now() - begin)} ms`);
}

async function startBrokers(t: Test) {
  const ports = await Promise.all(Array.from({ length: 3 }, freePort));
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
  return Promise.all(
    ports.map(async (port, index) => {
      const cluster = `cluster { name: "three", listen: "127.0.0.1:${port}", routes: [${routes}] }`;
      const server = await startNatsServer({ settings: [`server_name: "broker-${index}"`, cluster] });
      t.teardown(() => server.stop());
      return server;
    }),
  );
}

t.test(
  'of three brokers each is killed in turn: work goes on over the others, and no event is lost',
  async (t) => {
    const [brokers, redis, postgres] = await Promise.all([
      startBrokers(t),
      startRedisServer(),
      startPostgresServer(),
    ]);
    t.teardown(() => Promise.all([redis.stop(), postgres.stop()]));
    const NATS_URL = brokers.map(({ url }) => url).join(',');
    const servers = { NATS_URL, REDIS_URL: redis.url, DATABASE_URL: postgres.url };
    const { gateways } = await startParts(t, { ...settings, ...servers, EVENTS_REPLICAS: '3' }, oneOfEach);
    const registering = keepRegistering(charityClient(gateways[0] ?? ''));
    await registering.grown(5);
    for (const [index, broker] of brokers.entries()) {
      await broker.kill();
      await tellRecovery(t, `broker ${index} killed`, () => registering.grown(1));
      await registering.grown(5);
      await broker.restart();
      await registering.grown(5);
    }
    await registering.stop();

    const audited = async () => {
      const rows = await ask(
        postgres.url,
        `select account_id from auth.audit_log where action = 'account.created'`,
      );
      return rows.map((row) => String(row.account_id));
    };
    await until(
      'all of them are in the audit log',
      async () => {
        const ids = new Set(await audited());
        return registering.acknowledged.every((id) => ids.has(id));
      },
      60_000,
    );
    const ids = await audited();
    t.equal(new Set(ids).size, ids.length, 'none is there twice');
    t.comment(`${registering.acknowledged.length} registered, ${registering.refused()} refused meanwhile`);
  },
);

t.test('a standby takes over from Postgres, and every acknowledged account is there', async (t) => {
  const [nats, redis, primary] = await Promise.all([
    startNatsServer(),
    startRedisServer(),
    startPostgresServer({ durable: true }),
  ]);
  const standby = await startPostgresServer({
    durable: true,
    standbyOf: `${primary.url}?application_name=standby`,
  });
  t.teardown(() => Promise.all([nats.stop(), redis.stop(), primary.stop(), standby.stop()]));
  await ask(primary.url, `alter system set synchronous_standby_names = 'standby'`);
  await ask(primary.url, 'select pg_reload_conf()');
  await until('the standby is waited for', async () => {
    const [row] = await ask(primary.url, 'select sync_state from pg_stat_replication');
    return row?.sync_state === 'sync';
  });
  const proxy = await startTcpProxy(primary.port);
  t.teardown(() => proxy.close());
  const DATABASE_URL = primary.url.replace(`:${primary.port}`, `:${proxy.port}`);
  const servers = { NATS_URL: nats.url, REDIS_URL: redis.url, DATABASE_URL };
  const { gateways } = await startParts(t, { ...settings, ...servers }, oneOfEach);
  const client = charityClient(gateways[0] ?? '');
  const registering = keepRegistering(client);
  await registering.grown(20);

  await primary.kill();
  await ask(standby.url, 'select pg_promote()');
  proxy.moveTo(standby.port);
  await tellRecovery(t, 'Postgres replaced', () => registering.grown(1));
  await registering.grown(20);
  await registering.stop();

  for (const id of registering.acknowledged) t.equal((await client.login(id)).code, 200, `${id} is there`);
  t.comment(`${registering.acknowledged.length} registered, ${registering.refused()} refused meanwhile`);
});

t.test('a replica takes over from Redis: who is locked out stays out, and a dead token dead', async (t) => {
  const [nats, primary, postgres] = await Promise.all([
    startNatsServer(),
    startRedisServer(),
    startPostgresServer(),
  ]);
  const replica = await startRedisServer({ replicaOf: primary.port });
  t.teardown(() => Promise.all([nats.stop(), primary.stop(), replica.stop(), postgres.stop()]));
  const proxy = await startTcpProxy(primary.port);
  t.teardown(() => proxy.close());
  const servers = {
    NATS_URL: nats.url,
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    DATABASE_URL: postgres.url,
  };
  const { gateways } = await startParts(t, { ...settings, ...servers, LIMITS: 'on' }, oneOfEach);
  const client = charityClient(gateways[0] ?? '');
  const [admin, victim, frozen] = [
    await client.register('0'),
    await client.register('1'),
    await client.register('1'),
  ];
  t.equal(await client.own(frozen.id, frozen.token), 200);
  t.equal((await client.post('status', { id: frozen.id, status: '1' }, admin.token)).code, 200);
  let last = 0;
  for (let guess = 0; guess < 20; guess += 1) last = (await client.login(victim.id, 'wrong-0815')).code;
  t.equal(last, 429, 'locked out');
  const copy = new Redis(replica.url);
  const original = new Redis(primary.url);
  await until('the replica has it all', async () => (await copy.dbsize()) === (await original.dbsize()));
  original.disconnect();

  await primary.kill();
  await copy.replicaof('NO', 'ONE');
  copy.disconnect();
  proxy.moveTo(replica.port);
  await tellRecovery(t, 'Redis replaced', async () => {
    await until('the lock-out is known', async () => (await client.login(victim.id)).code === 429);
  });
  t.equal(await client.own(frozen.id, frozen.token), 401);
  t.equal(await client.own(victim.id, victim.token), 200);
});
