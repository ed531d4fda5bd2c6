import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Clock } from '../call-context.ts';
import type { Events } from '../events/events.ts';
import type { Logger } from '../logger.ts';
import type { Registry } from '../metrics.ts';
import type { Outbox } from './outbox.ts';
import { mostCounted, watchOutbox } from './outbox-metrics.ts';
import { createOutboxRepository } from './outbox-repository.ts';
import { createOutboxWriter } from './outbox-writer.ts';
import { startRelay } from './relay.ts';
import type { WithOutbox } from './tables.ts';

/**
 * The outbox of a service, whose migrations hold `outboxMigration`. It publishes what is committed, also what others
 * and earlier runs have left, until it is stopped; what waits then is published by whoever opens it next.
 */
export function openOutbox<Tables extends WithOutbox>({
  db,
  events,
  clock,
  logger,
  pollMs,
  newId = randomUUID,
  metrics,
}: {
  db: Kysely<Tables>;
  events: Pick<Events, 'publish'>;
  clock: Clock;
  logger: Logger;
  /** `OUTBOX_POLL_MS`. */
  pollMs: number;
  /** A UUID for each event. */
  newId?: () => string;
  /** Shows how many events of that service wait. */
  metrics?: { registry: Registry; service: string } | undefined;
}): Outbox<Tables> & { stop(): Promise<void> } {
  const repository = createOutboxRepository({ db });
  if (metrics) watchOutbox(metrics.registry, metrics.service, () => repository.count(mostCounted));
  const relay = startRelay({
    repository,
    publish: events.publish,
    holder: newId(),
    logger,
    pollMs,
  });

  const writer = createOutboxWriter<Tables>({ clock, newId });
  return { ...writer, wake: relay.wake, stop: relay.stop };
}
