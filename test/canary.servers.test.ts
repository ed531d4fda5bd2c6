import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';
import { app, startWeChatStub, wechatSettings } from '../services/auth/test/wechat-stub.ts';
import { createCanaries } from './harness/canaries.ts';
import { canaryClients } from './harness/canary-clients.ts';
import { eventsOf, found, redisNow, tablesOf, watchRedis } from './harness/canary-search.ts';
import { type PartName, startPart, startPlatform } from './harness/platform.ts';

t.setTimeout(300_000);

const unanswered = 'code-unanswered';

/** A provider that takes SMS, but not to `refused`. */
async function startSmsReceiver(t: Test, refused: string) {
  const codes = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const { phone, code } = Object(JSON.parse(Buffer.concat(await request.toArray()).toString()));
    codes.set(phone, code);
    response.writeHead(phone === refused ? 500 : 204).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo; // It listens on a port.
  return {
    url: `http://127.0.0.1:${port}/sms`,
    codes,
    async smsTo(phone: string): Promise<string> {
      await until(`an SMS to ${phone}`, () => codes.has(phone));
      return codes.get(phone) ?? '';
    },
  };
}

t.test('what people entrust to the platform', { timeout: 240_000 }, async (t) => {
  const maker = createCanaries();
  const { canaries, keep } = maker;
  const wechat = await startWeChatStub(t, {
    [unanswered]: (_request, response) => response.writeHead(502).end(unanswered),
  });
  const sms = await startSmsReceiver(t, '13912345075');
  const none = { user: 0, auth: 0, verification: 0, process: 0, gateway: 0 };
  const { nats, redis, postgres, settings } = await startPlatform(t, {
    replicas: none,
    settings: {
      LOG_LEVEL: 'trace',
      DEV_ROUTES: 'on',
      KEYS_SECRET: keep('secrets', 'KEYS_SECRET', 'kS8-canary-6fH2pQ9wLx4TnB7vZc1Rm5Yd'),
      ...wechatSettings(wechat),
      SMS_PROVIDER: 'webhook',
      SMS_WEBHOOK_URL: `${sms.url}?key=${keep('secrets', 'SMS_WEBHOOK_URL', 'uR7-canary-2mW6hT9pXs4LcD1v')}`,
      SMS_WEBHOOK_SECRET: keep('secrets', 'SMS_WEBHOOK_SECRET', 'wS3-canary-8gJ5qN2xKz7VbM4t'),
      REQUEST_DEADLINE_MS: '20000',
      STORE_TIMEOUT_MS: '250',
    },
  });
  keep('secrets', 'WECHAT_SECRET', app.secret);
  const watching = await watchRedis(redis.url);
  t.teardown(watching.stop);
  let logs = '';
  const start = async (name: PartName, more: Record<string, string> = {}) => {
    const onOutput = (text: string) => {
      logs += text;
    };
    const part = await startPart(name, { ...settings, ...more }, { onOutput });
    t.teardown(() => part.kill());
    return part;
  };
  const production = {
    NODE_ENV: 'production',
    ADMIN_REGISTRATION: 'open',
    ADMIN_NICKNAME: keep('logins', 'ADMIN_NICKNAME', 'canary-boss-5tG'),
    ADMIN_PASSWORD: keep('secrets', 'ADMIN_PASSWORD', 'aP5-canary-3vJ9'),
  };
  const parts = await Promise.all([
    ...(['verification', 'gateway'] as const).map((name) => start(name)),
    // These need no development routes, and log as in production.
    ...(['user', 'auth', 'process'] as const).map((name) => start(name, production)),
    start('gateway', { OPENID_BINDING: 'token' }),
  ]);
  const [gateway = '', boundGateway = ''] = parts.flatMap(({ name, url }) => (name === 'gateway' ? url : []));
  const clients = canaryClients({ gateway, boundGateway }, maker, wechat, sms.smsTo);
  await clients.everything();
  keep('secrets', 'SMS code that was not sent', await sms.smsTo('13912345075'));
  let tables = await tablesOf(postgres.url);
  await until('all events are told', async () => {
    tables = await tablesOf(postgres.url);
    return ['users', 'auth', 'process'].every((schema) => tables.get(`${schema}.outbox`) === '');
  });
  await until('all parts have told what they run with', async () => {
    tables = await tablesOf(postgres.url);
    const log = tables.get('auth.audit_log') ?? '';
    return ['user', 'auth', 'verification', 'process', 'gateway'].every((part) =>
      log.includes(`"start-${part}-`),
    );
  });
  const inRedis = await redisNow(redis.url);
  const events = await eventsOf(nats.url);

  watching.stop();
  await redis.kill();
  await clients.inNeed('without Redis', '1391234509');
  tables = await tablesOf(postgres.url);
  await postgres.kill();
  await clients.inNeed('without Postgres', '1391234510');
  const metrics = await Promise.all(parts.map(async ({ ops }) => (await fetch(`${ops}/metrics`)).text()));
  await Promise.all(parts.map((part) => part.stop()));
  const { secrets, logins, texts } = canaries;
  const all = [...secrets, ...logins, ...texts];

  t.test('was sent, and comes back where it may', async (t) => {
    t.ok(secrets.size > 50, `${secrets.size} secrets`);
    const inTables = new Set(found([...logins, ...texts], [...tables.values()].join('\n')));
    for (const name of [
      'openid claimed',
      'openid proved',
      'phone medicine',
      'name new',
      'title',
      'comment',
    ]) {
      t.ok(inTables.has(name), `${name} is in a table`);
    }
    const told = tables.get('auth.audit_log') ?? '';
    for (const name of ['KEYS_SECRET', 'WECHAT_SECRET', 'ADMIN_PASSWORD', 'SMS_WEBHOOK_SECRET']) {
      t.match(told, new RegExp(`"to": ?"\\(hidden [0-9a-f]{8}\\)", ?"from": ?null, ?"name": ?"${name}"`));
    }
    t.match(logs, / debug gateway: refused /);
    t.match(logs, /"level":"info".*"subject":"auth\.register-by-wechat"/);
    t.ok(events.length > 20, `${events.length} events`);
    t.ok(watching.lines.length > 100, `${watching.lines.length} commands to Redis`);
  });
  t.test('is in no log', async (t) => t.strictSame(found(all, logs), []));
  t.test('is in no metric', async (t) => t.strictSame(found(all, metrics.join('\n')), []));
  t.test('is in no event', async (t) => t.strictSame(found(all, events.join('\n')), []));
  t.test('is not in Redis, and never was', async (t) => {
    t.strictSame(found(all, inRedis.join('\n')), []);
    t.strictSame(found(all, watching.lines.join('\n')), []);
  });
  t.test('is in no table if it is a secret', async (t) => {
    const leaks = [...tables].flatMap(([table, rows]) =>
      found(secrets, rows).map((name) => `${name}: ${table}`),
    );
    t.strictSame(leaks, []);
  });
});
