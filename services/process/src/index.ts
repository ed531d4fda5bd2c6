import { openOutbox } from '@vestibule/shared/outbox/open-outbox';
import type { Parts } from '@vestibule/shared/parts';
import type { FastifyPluginAsync } from 'fastify';
import type { ProcessSettings } from './config.ts';
import { migrations } from './migrations/index.ts';
import type { ProcessTables } from './tables.ts';

/** The process service: owns definitions, instances, tasks and their history. */
export const processService: FastifyPluginAsync<{ parts: Parts; settings: ProcessSettings }> = async (
  app,
  { parts: { database, events, clock }, settings },
) => {
  const logger = app.log;
  const db = await database.open<ProcessTables>({ schema: 'process', migrations });
  const outbox = openOutbox({ db, events, clock, logger, pollMs: settings.OUTBOX_POLL_MS });
  app.addHook('onClose', () => outbox.stop());
};
