import { type Kysely, sql } from 'kysely';
import type { Test } from 'tap';
import type { DomainEvent } from '../../src/contracts/event.ts';
import type { Database, Migrations } from '../../src/database/database.ts';
import type { Events } from '../../src/events/events.ts';
import { createPublisher } from '../../src/events/publisher.ts';
import { createLogger } from '../../src/logger.ts';
import { outboxMigration, seenEventsMigration } from '../../src/outbox/migrations.ts';
import { openOutbox } from '../../src/outbox/open-outbox.ts';
import type { NewEvent } from '../../src/outbox/outbox.ts';
import type { WithOutbox, WithSeenEvents } from '../../src/outbox/tables.ts';

export type Tables = WithOutbox & WithSeenEvents;
export type Publish = (event: DomainEvent) => Promise<void>;

/** Publishes events one by one. */
const oneByOne = (send: Publish): Events['publish'] =>
  createPublisher({
    laneOf: ({ key }) => key,
    lanesAtOnce: 32,
    eventsAtOnce: 1,
    send: async ({ events }) => {
      for (const { text } of events) await send(JSON.parse(text));
    },
  });

const logger = createLogger({ level: 'silent', name: 'test' });
const migrations: Migrations = { '0001-outbox': outboxMigration, '0002-seen-events': seenEventsMigration };
export const source = { requestId: 'request-1' };

/** The `number`th thing that happened to an account. */
export const change = (number: number, accountId = 10_000_001): NewEvent => ({
  kind: 'account.profile-changed',
  key: `account:${accountId}`,
  data: { accountId, fields: [String(number)] },
});

export const numberOf = ({ data }: DomainEvent) => ('fields' in data ? Number(data.fields[0]) : Number.NaN);

/** One service's tables, and outboxes on them as its replicas have them. */
export async function openService(t: Test, database: Database) {
  const db = await database.open<Tables>({ schema: 'outbox_test', migrations });
  function openOn(events: Pick<Events, 'publish'>, { pollMs = 20, clock = Date.now } = {}) {
    const outbox = openOutbox({ db, events, clock, logger, pollMs });
    t.teardown(() => outbox.stop());
    return outbox;
  }
  return {
    db,
    openOn,
    open: (send: Publish, options?: { pollMs?: number; clock?: () => number }) =>
      openOn({ publish: oneByOne(send) }, options),
    waiting: async () => (await db.selectFrom('outbox').select('number').execute()).length,
    /** As after some seconds: whoever publishes has not been heard of for too long. */
    forgetPublisher: () => sql`update outbox_test.outbox_lease set until = '-infinity'`.execute(db),
  };
}

type Outbox = ReturnType<Awaited<ReturnType<typeof openService>>['openOn']>;

/** Commits events, and wakes the outbox as a service does. */
export async function commit(db: Kysely<Tables>, outbox: Outbox, ...events: NewEvent[]): Promise<void> {
  await db.transaction().execute((tx) => outbox.add(tx, events, source));
  outbox.wake();
}
