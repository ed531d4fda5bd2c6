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

/**
 * A client that never makes anybody wait: commands of a time without connection fail at once, and none is
 * sent twice, so that nothing is counted or taken twice.
 */
export function redisClient({ url, timeoutMs, logger }: Options): Redis {
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
  });
  let away = false;
  client.on('error', (error) => {
    // One line for each outage, not for each try.
    if (!away) logger.warn({ err: error }, 'Redis is away');
    away = true;
  });
  client.on('ready', () => {
    if (away) logger.info('Redis is back');
    away = false;
  });
  return client;
}
