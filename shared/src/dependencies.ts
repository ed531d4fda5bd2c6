import type { Dependency } from './app.ts';
import type { GatewayParts, Parts } from './parts.ts';

/**
 * What `/health/ready` says of a process's parts. Without the store everything goes on, more slowly and more
 * strictly, so it is missed, not needed.
 */
export function dependenciesOf({ bus, store, database }: GatewayParts & Partial<Parts>) {
  const dependencies: Record<string, Dependency> = {
    bus: { needed: true, ready: bus.connected },
    store: { needed: false, ready: store.ready },
  };
  if (database) dependencies.database = { needed: true, ready: database.ready };
  return dependencies;
}
