import { freePort, until } from '@vestibule/shared/test/server-process';
import pg from 'pg';
import t from 'tap';
import { replayDocuments } from '../scripts/replay/documents.ts';
import {
  startLockedNats,
  startLockedPostgres,
  startLockedRedis,
  type UserName,
} from './harness/locked-servers.ts';
import { startPart } from './harness/platform.ts';

const names = ['user', 'auth', 'verification', 'process', 'gateway'] as const;

t.test('each part does all of its work as its own user of NATS, Redis and Postgres', async (t) => {
  const [nats, redis, postgres] = await Promise.all([
    startLockedNats(t),
    startLockedRedis(t),
    startLockedPostgres(t),
  ]);
  const PORT = String(await freePort());
  const settings = (name: UserName) => ({
    NATS_URL: nats.urlFor(name),
    REDIS_URL: redis.urlFor(name),
    ...(name === 'gateway' ? { PORT } : { DATABASE_URL: postgres.urlFor(name) }),
    WECHAT_API_BASE: `http://127.0.0.1:${PORT}/dev/wechat`,
    WECHAT_APPID: 'development',
    WECHAT_SECRET: 'development',
    SIGNUP_RATE: '1000',
    LOG_LEVEL: 'warn',
  });
  const parts = await Promise.all(
    names.map(async (name) => {
      const part = await startPart(name, settings(name));
      t.teardown(() => part.kill());
      return part;
    }),
  );
  const checks = { passed: 0, failed: 0 };
  await replayDocuments(() => `http://127.0.0.1:${PORT}`, 'm', checks);
  t.equal(checks.failed, 0);
  t.ok(checks.passed > 400, `${checks.passed} requests were answered as documented`);
  const toldBy = async () => {
    const client = new pg.Client({ connectionString: postgres.urlFor('auth') });
    await client.connect();
    const query = `select details->>'part' as part from auth.audit_log where action = 'setting.changed' order by part`;
    const { rows } = await client.query<{ part: string }>(query).finally(() => client.end());
    return rows.map(({ part }) => part);
  };
  await until('each part has told its settings', async () => (await toldBy()).length === names.length);
  t.strictSame(await toldBy(), ['auth', 'gateway', 'process', 'user', 'verification']);
  for (const part of parts)
    t.notMatch(part.output(), /violation|NOPERM|denied/i, `${part.name} was refused nothing`);
});
