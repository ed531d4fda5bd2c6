import { randomUUID } from 'node:crypto';
import type { Logger } from '@vestibule/shared/logger';
import type { Outbox } from '@vestibule/shared/outbox/outbox';
import { removeSeenBefore } from '@vestibule/shared/outbox/seen-events';
import type { Parts } from '@vestibule/shared/parts';
import { startUpkeep } from '@vestibule/shared/upkeep';
import type { Kysely } from 'kysely';
import { createAccountActions } from './account-actions.ts';
import { type Actions, createActions } from './actions.ts';
import { createActionsRepository } from './actions-repository.ts';
import { createApplicantsRepository } from './applicants-repository.ts';
import { createAccountConsumer } from './consumers.ts';
import type { Definitions } from './definitions.ts';
import { createDue } from './due.ts';
import { createDueRepository } from './due-repository.ts';
import { createErasures } from './erasures.ts';
import { createErasuresRepository } from './erasures-repository.ts';
import type { Metrics } from './metrics.ts';
import type { Moves } from './moves.ts';
import type { ProcessTables } from './tables.ts';

/** Milliseconds between two looks at what the gauges show. */
const figuresMs = 15_000;
const dayMs = 86_400_000;
/** Twice as long as the stream keeps events. */
const seenDays = 28;

/**
 * What the service does without being asked: it fires due dates, does the actions that wait, follows what happens to
 * accounts, and forgets what erased ones wrote. Each has looks of its own, so that a user service that hangs holds up no due date.
 */
export function createBackground({
  db,
  parts: { bus, events, clock },
  moves,
  definitions,
  outbox,
  metrics,
  pollMs,
  logger,
}: {
  db: Kysely<ProcessTables>;
  parts: Pick<Parts, 'bus' | 'events' | 'clock'>;
  moves: Moves;
  definitions: Definitions;
  outbox: Pick<Outbox<ProcessTables>, 'wake'>;
  metrics: Metrics;
  /** `PROCESS_POLL_MS`. */
  pollMs: number;
  logger: Logger;
}): {
  attempt: Actions['attempt'];
  removeSeen(): Promise<void>;
  erase(): Promise<void>;
  start(): Promise<{ stop(): Promise<void> }>;
} {
  const newId = randomUUID;
  const dueRepository = createDueRepository({ db });
  const actionsRepository = createActionsRepository({ db });
  const due = createDue({ repository: dueRepository, moves, outbox, clock, newId, count: metrics.fired });
  const actions = createActions({
    repository: actionsRepository,
    accountActions: createAccountActions({ bus }),
    moves,
    definitions,
    outbox,
    clock,
    logger,
    newId,
  });
  const consumer = createAccountConsumer({
    repository: createApplicantsRepository({ db }),
    moves,
    definitions,
    outbox,
    clock,
  });

  const erasures = createErasures({ repository: createErasuresRepository({ db }), clock });

  async function showFigures(): Promise<void> {
    metrics.overdue(await dueRepository.countOverdue());
    metrics.waiting(await actionsRepository.countWaiting());
  }

  return {
    attempt: actions.attempt,

    /** Forgets the events that cannot come again. */
    async removeSeen() {
      await removeSeenBefore(db, new Date(clock() - seenDays * dayMs));
    },

    erase: erasures.erase,

    async start() {
      const closing = new AbortController();
      const { signal } = closing;
      const consuming = await Promise.all([events.consume(consumer), events.consume(erasures.consumer)]);
      const look = (task: string, run: () => Promise<void>, intervalMs: number) =>
        startUpkeep({ tasks: { [task]: run }, intervalMs, logger });
      const looks = [
        look('due dates', () => due.fire(signal), pollMs),
        look('actions', () => actions.work(signal), pollMs),
        look('figures', showFigures, figuresMs),
      ];
      return {
        /** Resolves when what was under way is done; what is left is done by whoever runs next. */
        async stop() {
          closing.abort();
          await Promise.all(consuming.map(({ stop }) => stop()));
          await Promise.all(looks.map(({ stop }) => stop()));
        },
      };
    },
  };
}
