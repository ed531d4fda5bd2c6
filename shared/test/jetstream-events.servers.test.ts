import t, { type Test } from 'tap';
import { natsBus } from '../src/bus/nats-bus.ts';
import type { Events } from '../src/events/events.ts';
import { jetstreamEvents } from '../src/events/jetstream-events.ts';
import { createLogger } from '../src/logger.ts';
import { startNatsServer } from './harness/nats-server.ts';
import { uniqueName } from './harness/parts.ts';
import { eventsSuite } from './suites/events-suite.ts';

const logger = createLogger({ level: 'silent', name: 'test' });
const server = await startNatsServer();
t.teardown(() => server.stop());

async function openProcess(t: Test, namespace: string): Promise<Events> {
  const bus = await natsBus({ url: server.url, namespace, name: 'test', clock: Date.now, logger });
  const events = await jetstreamEvents({ broker: bus.broker, namespace, logger });
  t.teardown(async () => {
    await events.close();
    await bus.close();
  });
  return events;
}

eventsSuite(t, async (t) => {
  const namespace = uniqueName();
  const [events, replica] = await Promise.all([openProcess(t, namespace), openProcess(t, namespace)]);
  return { events, replica };
});
