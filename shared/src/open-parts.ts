import { createBusMetrics } from './bus/bus-metrics.ts';
import { memoryBus } from './bus/memory-bus.ts';
import { natsBus } from './bus/nats-bus.ts';
import type { BrokerConnection } from './bus/nats-connection.ts';
import type { Clock } from './call-context.ts';
import type { CommonSettings } from './config.ts';
import type { Database } from './database/database.ts';
import { pgliteDatabase } from './database/pglite.ts';
import { postgresDatabase } from './database/postgres.ts';
import { jetstreamEvents } from './events/jetstream-events.ts';
import { memoryEvents } from './events/memory-events.ts';
import type { Logger } from './logger.ts';
import type { Registry } from './metrics.ts';
import type { GatewayParts, Parts } from './parts.ts';
import { memoryStore } from './store/memory-store.ts';
import { redisStore } from './store/redis-store.ts';
import type { Store } from './store/store.ts';
import type { Tracing } from './tracing.ts';

/** What a process opens its parts with. */
export type PartsOptions = {
  settings: CommonSettings;
  /** Of the process, as the servers list its connections. */
  name: string;
  logger: Logger;
  clock: Clock;
  /** Of the process; its parts add their figures. */
  metrics: Registry;
  tracing: Tracing;
};

/** The short-lived data of the platform; not waited for. */
export function openStore({
  settings,
  logger,
  clock,
}: Pick<PartsOptions, 'settings' | 'logger' | 'clock'>): Store {
  const { REDIS_URL: url, NAMESPACE: namespace, STORE_TIMEOUT_MS: timeoutMs } = settings;
  return url ? redisStore({ url, namespace, timeoutMs, logger, clock }) : memoryStore({ clock });
}

/** The database of the platform. A TakenError when it is embedded and another process has it. */
export async function openPlatformDatabase({
  settings,
  name,
  logger,
  metrics,
}: Pick<PartsOptions, 'settings' | 'name' | 'logger'> &
  Partial<Pick<PartsOptions, 'metrics'>>): Promise<Database> {
  const { DATABASE_URL: url, DATABASE_TIMEOUT_MS: timeoutMs, DATABASE_POOL: poolSize } = settings;
  return url
    ? postgresDatabase({ url, timeoutMs, poolSize, logger, name, ...(metrics && { metrics }) })
    : pgliteDatabase({ dataDir: settings.DATA_DIR, logger, timeoutMs });
}

/** The bus and the store, and the connection that events go over too. The broker is waited for, the store is not. */
async function openShared({
  settings,
  name,
  logger,
  clock,
  metrics: registry,
  tracing,
}: PartsOptions): Promise<{ parts: GatewayParts; broker: BrokerConnection | null }> {
  const { NATS_URL, NAMESPACE: namespace } = settings;
  const secondTryMs = settings.BUS_SECOND_TRY_MS;
  const store = openStore({ settings, logger, clock });
  // The first calls find a store that is there, if it is there at all.
  await store.ready();
  const watched = { clock, logger, metrics: createBusMetrics(registry), tracing };
  if (!NATS_URL) return { parts: { bus: memoryBus(watched), store, clock }, broker: null };
  const { broker, ...bus } = await natsBus({ url: NATS_URL, namespace, name, secondTryMs, ...watched });
  return { parts: { bus, store, clock }, broker };
}

/** What a gateway shares: the bus and the store. */
export async function openGatewayParts(options: PartsOptions): Promise<GatewayParts> {
  return (await openShared(options)).parts;
}

/** Each part on its server where the settings name one, else embedded in this process. */
export async function openParts(options: PartsOptions): Promise<Parts> {
  const database = await openPlatformDatabase(options);
  const { parts, broker } = await openShared(options);
  const { logger, settings } = options;
  const events = broker
    ? await jetstreamEvents({
        broker,
        namespace: settings.NAMESPACE,
        replicas: settings.EVENTS_REPLICAS,
        logger,
      })
    : memoryEvents({ logger });
  return { ...parts, database, events };
}

/** All services of the process are open, so that all who consume its events are named. */
export function startParts({ events }: Partial<Parts>): void {
  events?.start();
}

/** Events and calls in flight are finished first, with what they need still there. */
export async function closeParts({
  events,
  bus,
  store,
  database,
}: GatewayParts & Partial<Parts>): Promise<void> {
  await events?.close();
  await bus.close();
  await store.close();
  await database?.close();
}
