import type { DomainEvent } from '../../src/contracts/event.ts';
import type { Events } from '../../src/events/events.ts';

/** Publishes events in their order; rejects with why the first of them does not get through. */
export async function publish(
  events: Pick<Events, 'publish'>,
  ...all: readonly DomainEvent[]
): Promise<void> {
  const results = await events.publish(all);
  const failed = results.find((result) => result !== 'published');
  if (failed !== undefined) throw failed;
}
