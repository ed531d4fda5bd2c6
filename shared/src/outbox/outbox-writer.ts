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
}): Pick<Outbox<Tables>, 'add' | 'encode'> {
  function encode(event: NewEvent, { requestId, caller, address }: EventSource): string {
    const at = new Date(clock()).toISOString();
    const actorId = caller?.accountId ?? null;
    const whole: DomainEvent = { id: newId(), at, requestId, actorId, address: address ?? null, ...event };
    return encodeEvent(whole);
  }

  return {
    encode,

    async add(tx, added, source) {
      if (added.length === 0) return;
      const outbox = tx as unknown as Transaction<WithOutbox>; // Which other tables there are does not matter.
      await outbox
        .insertInto('outbox')
        .values(added.map((event) => ({ key: event.key, event: encode(event, source) })))
        .execute();
    },
  };
}
