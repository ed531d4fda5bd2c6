import { randomUUID } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../call-context.ts';
import type { DomainEvent } from '../contracts/event.ts';
import { encodeEvent } from '../events/event-text.ts';
import type { Events } from '../events/events.ts';
import type { Logger } from '../logger.ts';
import type { EventSource, NewEvent, Outbox } from './outbox.ts';
import { createOutboxRepository } from './outbox-repository.ts';
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
}: {
  db: Kysely<Tables>;
  events: Pick<Events, 'publish'>;
  clock: Clock;
  logger: Logger;
  /** `OUTBOX_POLL_MS`. */
  pollMs: number;
  /** A UUID for each event. */
  newId?: () => string;
}): Outbox<Tables> & { stop(): Promise<void> } {
  const relay = startRelay({
    repository: createOutboxRepository({ db }),
    publish: events.publish,
    holder: newId(),
    logger,
    pollMs,
  });

  const rowOf = ({ requestId, caller, address }: EventSource) => {
    const at = new Date(clock()).toISOString();
    const actorId = caller?.accountId ?? null;
    return (event: NewEvent) => {
      const envelope = { id: newId(), at, requestId, actorId, address: address ?? null };
      const whole: DomainEvent = { ...envelope, ...event };
      return { key: event.key, event: encodeEvent(whole) };
    };
  };

  return {
    async add(tx, added, source) {
      if (added.length === 0) return;
      const outbox = tx as unknown as Transaction<WithOutbox>; // Which other tables there are does not matter.
      await outbox
        .insertInto('outbox')
        .values(added.map(rowOf(source)))
        .execute();
    },
    wake: relay.wake,
    stop: relay.stop,
  };
}
