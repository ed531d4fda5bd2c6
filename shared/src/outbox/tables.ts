import type { Generated } from 'kysely';

/** Events that are committed and not yet published, in the order in which they happened; one table in each schema. */
export type OutboxTable = {
  number: Generated<number>;
  /** The ordering key of the event. */
  key: string;
  /** A DomainEvent. */
  event: unknown;
};

/** Events that a consumer has handled: it drops what comes again. */
export type SeenEventsTable = { consumer: string; event_id: string; seen_at: Date };

/** What a service's tables must have to write events. */
export type WithOutbox = { outbox: OutboxTable };

/** What a service's tables must have to consume events. */
export type WithSeenEvents = { seen_events: SeenEventsTable };
