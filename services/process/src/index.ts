import { processContracts } from '@vestibule/shared/contracts/process';
import { Registry } from '@vestibule/shared/metrics';
import { openOutbox } from '@vestibule/shared/outbox/open-outbox';
import type { Parts } from '@vestibule/shared/parts';
import { startUpkeep } from '@vestibule/shared/upkeep';
import type { FastifyPluginAsync } from 'fastify';
import { createBackground } from './background.ts';
import { createChanges } from './changes.ts';
import { createChangesRepository } from './changes-repository.ts';
import type { ProcessSettings } from './config.ts';
import { createDefinitions } from './definitions.ts';
import { createDefinitionsRepository } from './definitions-repository.ts';
import { createDiagrams } from './diagrams.ts';
import { createHandlers } from './handlers.ts';
import { createInstances } from './instances.ts';
import { createMetrics } from './metrics.ts';
import { migrations } from './migrations/index.ts';
import { createMoves } from './moves.ts';
import { createMovesRepository } from './moves-repository.ts';
import { createOverviews } from './overviews.ts';
import { createPeople } from './people.ts';
import { createPresenter } from './presenter.ts';
import { createRepeats } from './repeats.ts';
import { createRepeatsRepository } from './repeats-repository.ts';
import { readShipped, shippedFolder } from './shipped-definitions.ts';
import type { ProcessTables } from './tables.ts';
import { createTasks } from './tasks.ts';
import { createViewsRepository } from './views-repository.ts';

type ProcessOptions = {
  parts: Parts;
  settings: ProcessSettings;
  /** What `/metrics` of this process shows. */
  metrics?: Registry;
};

/** The process service: owns definitions, instances, tasks and their history. */
export const processService: FastifyPluginAsync<ProcessOptions> = async (
  app,
  { parts, settings, metrics: registry = new Registry() },
) => {
  const { bus, database, events, clock } = parts;
  const logger = app.log;
  const db = await database.open<ProcessTables>({ schema: 'process', migrations });
  const outbox = openOutbox({
    db,
    events,
    clock,
    logger,
    pollMs: settings.OUTBOX_POLL_MS,
    metrics: { registry, service: 'process' },
  });
  app.addHook('onClose', () => outbox.stop());

  const definitions = createDefinitions({
    repository: createDefinitionsRepository({ db }),
    outbox,
    clock,
  });
  await definitions.ship(await readShipped(shippedFolder), { requestId: 'start' });
  const repository = createMovesRepository({ db });
  const views = createViewsRepository({ db });
  const moves = createMoves({ repository, changes: createChangesRepository(), outbox, clock });
  const changes = createChanges({ repository, moves, outbox, clock });
  const people = createPeople({ bus });
  const presenter = createPresenter({ repository: views, definitions, people });
  const repeats = createRepeats({
    repository: createRepeatsRepository({ db }),
    clock,
    ttlMs: settings.IDEMPOTENCY_TTL * 1000,
  });
  const metrics = createMetrics(registry);
  app.addHook('onClose', async () => metrics.remove());
  const background = createBackground({
    db,
    parts,
    moves,
    definitions,
    outbox,
    metrics,
    pollMs: settings.PROCESS_POLL_MS,
    logger,
  });
  const overviews = createOverviews({ repository: views, people, presenter });
  const handlers = createHandlers({
    definitions,
    diagrams: createDiagrams({ repository: views, definitions, overviews, presenter }),
    instances: createInstances({ moves, changes, repeats, definitions, people, presenter }),
    overviews,
    tasks: createTasks({
      repository,
      views,
      moves,
      changes,
      people,
      presenter,
      attemptActions: background.attempt,
    }),
  });
  const served = await bus.serve({
    name: 'process',
    version: '1.0.0',
    contracts: processContracts,
    handlers,
  });
  const upkeep = startUpkeep({
    tasks: {
      'idempotency keys': repeats.removeExpired,
      'seen events': background.removeSeen,
      erasures: background.erase,
    },
    intervalMs: settings.UPKEEP_INTERVAL * 1000,
    logger,
  });
  app.addHook('onClose', async () => {
    await served.drain();
    await upkeep.stop();
  });
  const underWay = await background.start();
  // The last that is added is the first that is run: nothing new is begun while calls in flight are answered.
  app.addHook('onClose', () => underWay.stop());
};
