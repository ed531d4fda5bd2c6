import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectToBroker } from '@vestibule/shared/bus/nats-connection';
import { createLogger } from '@vestibule/shared/logger';
import { redisDump } from '@vestibule/shared/test/redis-dump';
import { until } from '@vestibule/shared/test/server-process';
import { Redis } from 'ioredis';
import pg from 'pg';
import t, { type Test } from 'tap';
import { app, startWeChatStub, wechatSettings } from '../services/auth/test/wechat-stub.ts';
import { createCanaries } from './harness/canaries.ts';
import { canaryClients } from './harness/canary-clients.ts';
import { type PartName, startPart, startPlatform } from './harness/platform.ts';

t.setTimeout(300_000);

/** The only keys that are meant to hold a captcha's answer: `DEV_ROUTES=on`, as in this test, shows it. */
const developmentKeys = /^\S*dev:captcha:/;
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

/** All that is written to Redis from now on, one command a line; without what development keeps on purpose. */
async function watchRedis(t: Test, url: string): Promise<string[]> {
  const lines: string[] = [];
  const client = new Redis(url);
  const monitor = await client.monitor();
  monitor.on('monitor', (_time: string, [command, ...words]: string[]) => {
    if (!words.some((word) => developmentKeys.test(word))) lines.push([command, ...words].join(' '));
  });
  t.teardown(() => {
    monitor.disconnect();
    client.disconnect();
  });
  return lines;
}

/** Every event, as the stream keeps it. */
async function eventsOf(t: Test, url: string): Promise<string[]> {
  const logger = createLogger({ level: 'silent', name: 'test' });
  const broker = await connectToBroker({ url, name: 'test', logger });
  t.teardown(() => broker.close());
  const { streams } = await broker.nats.jetstreamManager();
  const { state } = await streams.info('vestibule-events');
  const events: string[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
    const { subject, data } = await streams.getMessage('vestibule-events', { seq });
    events.push(`${subject} ${Buffer.from(data).toString()}`);
  }
  return events;
}

/** Every row of every table, by the table's name. */
async function tablesOf(t: Test, url: string): Promise<Map<string, string>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.teardown(() => client.end());
  const { rows: tables } = await client.query<{ name: string }>(`
    select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_schema not in ('pg_catalog', 'information_schema')`);
  const texts = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await client.query<{ row: string }>(
      `select row_to_json(each)::text as row from ${name} each`,
    );
    texts.set(name, rows.map(({ row }) => row).join('\n'));
  }
  return texts;
}

const escaped = (text: string) =>
  text.replace(/[^\w]/g, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);

/** Forms that are as good as the value itself: a hash without a key is soon guessed for what is short. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const hash = createHash('sha256').update(value).digest();
  const hashes = value.length < 24 ? [hash.toString('hex'), hash.toString('base64url')] : [];
  const encoded = [bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')];
  return [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    ...hashes,
    ...(value.length < 8 ? [] : encoded),
  ];
}

/** The names of the canaries that stand in a text; what is short may be part of a longer word by chance. */
function found(canaries: Iterable<[name: string, value: string]>, text: string): string[] {
  const names: string[] = [];
  for (const [name, value] of canaries) {
    const pattern = formsOf(value).map(escaped).join('|');
    const [before, after] = value.length < 8 ? ['(?<![\\w.+/=-])', '(?![\\w.+/=-])'] : ['', ''];
    if (new RegExp(`${before}(?:${pattern})${after}`, 'iu').test(text)) names.push(name);
  }
  return names;
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
      SMS_WEBHOOK_URL: sms.url,
      SMS_WEBHOOK_SECRET: keep('secrets', 'SMS_WEBHOOK_SECRET', 'wS3-canary-8gJ5qN2xKz7VbM4t'),
      REQUEST_DEADLINE_MS: '20000',
      STORE_TIMEOUT_MS: '250',
    },
  });
  keep('secrets', 'WECHAT_SECRET', app.secret);
  const inRedis = await watchRedis(t, redis.url);
  let logs = '';
  const start = async (name: PartName, more: Record<string, string> = {}) => {
    const onOutput = (text: string) => {
      logs += text;
    };
    const part = await startPart(name, { ...settings, ...more }, { onOutput });
    t.teardown(() => part.kill());
    return part;
  };
  const production = { NODE_ENV: 'production', ADMIN_REGISTRATION: 'open' };
  const parts = await Promise.all([
    ...(['verification', 'gateway'] as const).map((name) => start(name)),
    // These need no development routes, and log as in production.
    ...(['user', 'auth', 'process'] as const).map((name) => start(name, production)),
    start('gateway', { OPENID_BINDING: 'token' }),
  ]);
  const [gateway = '', boundGateway = ''] = parts.flatMap(({ name, url }) => (name === 'gateway' ? url : []));
  await canaryClients({ gateway, boundGateway }, maker, wechat, sms.smsTo)();
  keep('secrets', 'SMS code that was not sent', await sms.smsTo('13912345075'));

  const tables = await tablesOf(t, postgres.url);
  const dump = (await redisDump(redis.url)).split('\n').filter((line) => !developmentKeys.test(line));
  const events = await eventsOf(t, nats.url);
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
    t.match(logs, / debug gateway: refused /);
    t.match(logs, /"level":"info".*"subject":"auth\.register-by-wechat"/);
    t.ok(events.length > 20, `${events.length} events`);
    t.ok(inRedis.length > 100, `${inRedis.length} commands to Redis`);
  });
  t.test('is in no log', async (t) => t.strictSame(found(all, logs), []));
  t.test('is in no metric', async (t) => t.strictSame(found(all, metrics.join('\n')), []));
  t.test('is in no event', async (t) => t.strictSame(found(all, events.join('\n')), []));
  t.test('is not in Redis, and never was', async (t) => {
    t.strictSame(found(all, dump.join('\n')), []);
    t.strictSame(found(all, inRedis.join('\n')), []);
  });
  t.test('is in no table if it is a secret', async (t) => {
    const leaks = [...tables].flatMap(([table, rows]) =>
      found(secrets, rows).map((name) => `${name}: ${table}`),
    );
    t.strictSame(leaks, []);
  });
});
