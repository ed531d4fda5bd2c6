import type { Bus } from './bus/bus.ts';
import type { Clock } from './call-context.ts';
import type { Database } from './database/database.ts';
import type { Events } from './events/events.ts';
import type { Store } from './store/store.ts';

/** What a process shares among the services that run in it; each part embedded or on a real server. */
export type Parts = {
  bus: Bus;
  store: Store;
  database: Database;
  events: Events;
  clock: Clock;
};

/** The gateway keeps nothing that lasts, and changes nothing by itself: no database, no events. */
export type GatewayParts = Omit<Parts, 'database' | 'events'>;
