import { createLogger, type Logger } from '@vestibule/shared/logger';
import type { GatewayParts, Parts } from '@vestibule/shared/parts';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import { startAuth, startUser } from '../../../services/auth/test/auth-service.ts';
import { buildGateway } from '../../src/app.ts';
import { readGatewaySettings } from '../../src/config.ts';
import { type Client, clientOf } from './client.ts';

const silent = createLogger({ level: 'silent', name: 'test' });

type Environment = Record<string, string>;

/** On a busy machine a test's event loop stands still at times, and only the test of that is about it. */
const unhurried = { MAX_LOOP_DELAY_MS: '60000', LOOP_SAMPLE_MS: '60000' };

/** A gateway on the parts, closed when the test ends. */
export async function startGateway(
  t: Test,
  parts: GatewayParts,
  { environment = {}, logger = silent }: { environment?: Environment; logger?: Logger } = {},
): Promise<FastifyInstance> {
  const settings = readGatewaySettings({ NODE_ENV: 'test', ...unhurried, ...environment });
  const app = await buildGateway({ parts, settings, logger });
  t.teardown(() => app.close());
  await app.ready();
  return app;
}

export type Platform = {
  app: FastifyInstance;
  client: Client;
  parts: Parts;
  clock: ReturnType<typeof movableClock>;
};

/** The gateway before the real services; only the hashes of passwords are none. */
export async function startPlatform(
  t: Test,
  {
    environment = {},
    logger,
    timed = false,
  }: {
    environment?: Environment;
    logger?: Logger;
    /** The store is one that the clock moves, which no real server is. */
    timed?: boolean;
  } = {},
): Promise<Platform> {
  const clock = movableClock();
  const opened = await testParts(t, { clock });
  const parts = timed ? { ...opened, store: memoryStore({ clock }) } : opened;
  await startUser(t, parts);
  await startAuth(t, parts, { environment });
  const app = await startGateway(t, parts, { environment, ...(logger ? { logger } : {}) });
  return { app, client: clientOf(app), parts, clock };
}
