import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Test } from 'tap';
import { memoryBus } from '../../src/bus/memory-bus.ts';
import { natsBus } from '../../src/bus/nats-bus.ts';
import type { BrokerConnection } from '../../src/bus/nats-connection.ts';
import type { Clock } from '../../src/call-context.ts';
import type { Database } from '../../src/database/database.ts';
import { postgresDatabase } from '../../src/database/postgres.ts';
import type { Events } from '../../src/events/events.ts';
import { jetstreamEvents } from '../../src/events/jetstream-events.ts';
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

/** Embedded, or an empty one of the server of TEST_DATABASE_URL. */
export async function testDatabase(t: Test): Promise<Database> {
  const server = process.env.TEST_DATABASE_URL;
  if (server === undefined) return embeddedDatabase(t);
  const url = await emptyDatabase(t, server);
  return postgresDatabase({ url, timeoutMs: generous, poolSize: 5, logger });
}

type Options = { clock?: Clock };

type Shared = { parts: GatewayParts; broker: BrokerConnection | null; namespace: string };

async function openShared(t: Test, { clock = Date.now }: Options): Promise<Shared> {
  const { TEST_NATS_URL, TEST_REDIS_URL } = process.env;
  const namespace = uniqueName();
  const store = TEST_REDIS_URL
    ? redisStore({ url: TEST_REDIS_URL, namespace, timeoutMs: generous, logger, clock })
    : memoryStore({ clock });
  await store.ready();
  const natsParts = { namespace, name: namespace, clock, logger };
  const opened = TEST_NATS_URL ? await natsBus({ url: TEST_NATS_URL, ...natsParts }) : null;
  const parts: GatewayParts = { bus: opened ?? memoryBus({ clock, logger }), store, clock };
  t.teardown(() => closeParts(parts));
  return { parts, broker: opened?.broker ?? null, namespace };
}

/** Events of one test, of which the broker keeps nothing when the test ends. */
export async function openTestEvents(
  t: Test,
  { broker, namespace }: Pick<Shared, 'broker' | 'namespace'>,
): Promise<Events> {
  const events = broker ? await jetstreamEvents({ broker, namespace, logger }) : memoryEvents({ logger });
  events.start();
  t.teardown(async () => {
    await events.close();
    // A test may have ended its broker, and several may share the stream.
    if (broker?.connected()) await removeStream(broker, namespace).catch(() => undefined);
  });
  return events;
}

async function removeStream({ nats }: BrokerConnection, namespace: string): Promise<void> {
  const manager = await nats.jetstreamManager();
  await manager.streams.delete(`${namespace}-events`);
}

/**
 * What parts without a database share, for one test; closed when it ends. Each is embedded, or on the real
 * server that TEST_NATS_URL or TEST_REDIS_URL names, where nothing of another test is seen.
 */
export async function testGatewayParts(t: Test, options: Options = {}): Promise<GatewayParts> {
  return (await openShared(t, options)).parts;
}

/** All that services share, with a database: embedded, or an empty one of the server of TEST_DATABASE_URL. */
export async function testParts(t: Test, options: Options = {}): Promise<Parts> {
  const database = await testDatabase(t);
  t.teardown(() => database.close());
  const { parts, broker, namespace } = await openShared(t, options);
  return { ...parts, database, events: await openTestEvents(t, { broker, namespace }) };
}
