import type { EventKind } from '@vestibule/shared/contracts/event';
import type { Consumer, Events } from '@vestibule/shared/events/events';
import type { Logger } from '@vestibule/shared/logger';
import { startUpkeep } from '@vestibule/shared/upkeep';
import type { Actions } from './actions.ts';
import type { ActionsRepository } from './actions-repository.ts';
import type { createDue } from './due.ts';
import type { DueRepository } from './due-repository.ts';
import type { Metrics } from './metrics.ts';

/** Milliseconds between two looks at what the gauges show. */
const figuresMs = 15_000;

/**
 * What the service does without being asked: it fires due dates, does the actions that wait, and follows what happens
 * to accounts. Each looks by itself, so that a user service that hangs holds up no due date.
 */
export async function startBackground<K extends EventKind>({
  due,
  actions,
  consumer,
  figures,
  metrics,
  events,
  pollMs,
  logger,
}: {
  due: ReturnType<typeof createDue>;
  actions: Pick<Actions, 'work'>;
  consumer: Consumer<K>;
  figures: { overdue: DueRepository['countOverdue']; waiting: ActionsRepository['countWaiting'] };
  metrics: Pick<Metrics, 'overdue' | 'waiting'>;
  events: Pick<Events, 'consume'>;
  pollMs: number;
  logger: Logger;
}): Promise<{ stop(): Promise<void> }> {
  const closing = new AbortController();
  const { signal } = closing;
  const consuming = await events.consume(consumer);
  const look = (task: string, run: () => Promise<void>, intervalMs: number) =>
    startUpkeep({ tasks: { [task]: run }, intervalMs, logger });
  const looks = [
    look('due dates', () => due.fire(signal), pollMs),
    look('actions', () => actions.work(signal), pollMs),
    look(
      'figures',
      async () => {
        metrics.overdue(await figures.overdue());
        metrics.waiting(await figures.waiting());
      },
      figuresMs,
    ),
  ];
  return {
    /** Resolves when what was under way is done; what is left is done by whoever runs next. */
    async stop() {
      closing.abort();
      await consuming.stop();
      await Promise.all(looks.map(({ stop }) => stop()));
    },
  };
}
