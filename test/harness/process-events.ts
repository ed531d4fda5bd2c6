import { connectToBroker } from '@vestibule/shared/bus/nats-connection';
import { type DomainEvent, eventKinds } from '@vestibule/shared/contracts/event';
import { jetstreamEvents } from '@vestibule/shared/events/jetstream-events';
import { createLogger } from '@vestibule/shared/logger';
import type { Test } from 'tap';

/** All events of processes and tasks, each once, as the broker first told them. */
export async function watchEvents(t: Test, url: string): Promise<DomainEvent[]> {
  const logger = createLogger({ level: 'silent', name: 'test' });
  const broker = await connectToBroker({ url, name: 'test', logger });
  const events = await jetstreamEvents({ broker, namespace: 'vestibule', logger });
  const seen = new Set<string>();
  const told: DomainEvent[] = [];
  await events.consume({
    name: 'test-watcher',
    kinds: eventKinds.filter((kind) => /^(process|task)\./.test(kind)),
    async handle(event) {
      if (seen.has(event.id)) return;
      seen.add(event.id);
      told.push(event);
    },
  });
  t.teardown(async () => {
    await events.close();
    await broker.close();
  });
  return told;
}
