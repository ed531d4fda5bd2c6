import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Test } from 'tap';
import { memoryBus } from '../../src/bus/memory-bus.ts';
import { natsBus } from '../../src/bus/nats-bus.ts';
import type { Clock } from '../../src/call-context.ts';
import type { Database } from '../../src/database/database.ts';
import { postgresDatabase } from '../../src/database/postgres.ts';
import { memoryEvents } from '../../src/events/memory-events.ts';
import { createLogger } from '../../src/logger.ts';
import { closeParts } from '../../src/open-parts.ts';
import type { GatewayParts, Parts } from '../../src/parts.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { redisStore } from '../../src/store/redis-store.ts';
import { embeddedDatabase } from './embedded-database.ts';

const logger = createLogger({ level: 'silent', name: 'test' });
const generous = 3000;

/** A name that no other test has. */
export function uniqueName(): string {
  return `test-${randomBytes(6).toString('hex')}`;
}

/** An empty database on the server at `url`, dropped when the test ends. Answers its URL. */
export async function emptyDatabase(t: Test, url: string): Promise<string> {
  const name = uniqueName();
  await administer(url, `create database "${name}"`);
  t.teardown(() => administer(url, `drop database if exists "${name}" with (force)`));
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

async function testDatabase(t: Test): Promise<Database> {
  const server = process.env.TEST_DATABASE_URL;
  if (server === undefined) return embeddedDatabase(t);
  const url = await emptyDatabase(t, server);
  return postgresDatabase({ url, timeoutMs: generous, poolSize: 5, logger });
}

type Options = { clock?: Clock };

/**
 * What parts without a database share, for one test; closed when it ends. Each is embedded, or on the real
 * server that TEST_NATS_URL or TEST_REDIS_URL names, where nothing of another test is seen.
 */
export async function testGatewayParts(t: Test, { clock = Date.now }: Options = {}): Promise<GatewayParts> {
  const { TEST_NATS_URL, TEST_REDIS_URL } = process.env;
  const namespace = uniqueName();
  const store = TEST_REDIS_URL
    ? redisStore({ url: TEST_REDIS_URL, namespace, timeoutMs: generous, logger, clock })
    : memoryStore({ clock });
  await store.ready();
  const bus = TEST_NATS_URL
    ? await natsBus({ url: TEST_NATS_URL, namespace, name: namespace, clock, logger })
    : memoryBus({ clock, logger });
  const parts: GatewayParts = { bus, store, clock };
  t.teardown(() => closeParts(parts));
  return parts;
}

/** All that services share, with a database: embedded, or an empty one of the server of TEST_DATABASE_URL. */
export async function testParts(t: Test, options: Options = {}): Promise<Parts> {
  const database = await testDatabase(t);
  t.teardown(() => database.close());
  const gatewayParts = await testGatewayParts(t, options);
  const events = memoryEvents({ logger });
  events.start();
  t.teardown(() => events.close());
  return { ...gatewayParts, database, events };
}
