import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Clock } from '../call-context.ts';
import type { DomainEvent } from '../contracts/event.ts';
import { encodeEvent } from '../events/event-text.ts';
import type { EventSource, NewEvent, Outbox } from './outbox.ts';
import type { WithOutbox } from './tables.ts';

/** Writes events into an outbox, also that of a service which alone publishes them, and may not even run now. */
export function createOutboxWriter<Tables extends WithOutbox>({
  clock,
  newId = randomUUID,
}: {
  clock: Clock;
  /** A UUID for each event. */
  newId?: () => string;
}): Pick<Outbox<Tables>, 'add'> {
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
  };
}
