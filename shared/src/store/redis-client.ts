import { fastifyRedis } from '@fastify/redis';
import { fastify } from 'fastify';
import { Redis } from 'ioredis';
import type { Logger } from '../logger.ts';
import { scripts } from './redis-scripts.ts';

type Options = {
  /** `REDIS_URL`. */
  url: string;
  /** Milliseconds that an operation may take. */
  timeoutMs: number;
  logger: Logger;
};

/** Milliseconds between two tries to connect, for as long as the process lives. */
const reconnectMs = 250;
/** A connection on which a command has waited this long is given up: its other end may be gone without a word. */
const silenceMs = 2000;

/** A connection and its end. */
export type RedisConnection = { client: Redis; close(): Promise<void> };

/**
 * What @fastify/redis is given: by itself it holds up the start until Redis is there, and its farewell waits
 * for an answer.
 */
function unhurried(client: Redis): Redis {
  return new Proxy(client, {
    get(target, name) {
      if (name === 'status') return 'ready';
      if (name === 'quit') return async () => target.disconnect();
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/**
 * A client that never makes anybody wait: commands of a time without connection fail at once, and none is
 * sent twice, so that nothing is counted or taken twice. It belongs to a Fastify instance of its own, through
 * @fastify/redis: the apps of a process share it and close at different times, so none of them can own it.
 */
export function openRedis({ url, timeoutMs, logger }: Options): RedisConnection {
  const client = new Redis(url, {
    scripts,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 500,
    // The breaker gives up first; this frees the pipeline that the command went out with.
    commandTimeout: timeoutMs * 2,
    socketTimeout: silenceMs,
    retryStrategy: () => reconnectMs,
    enableAutoPipelining: true,
    // It waited for the end of the turn already (gathered-reads.ts).
    autoPipeliningIgnoredCommands: ['mget'],
  });
  tellOutages(client, logger);
  const owner = fastify();
  owner.register(fastifyRedis, { client: unhurried(client), closeClient: true });
  return { client, close: () => owner.close() };
}

/** One line for each outage and each return, not for each try. */
function tellOutages(client: Redis, logger: Logger): void {
  let away = false;
  client.on('error', (error) => {
    if (!away) logger.warn({ err: error }, 'Redis is away');
    away = true;
  });
  client.on('ready', () => {
    if (away) logger.info('Redis is back');
    away = false;
  });
}
