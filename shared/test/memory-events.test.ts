import t from 'tap';
import type { DomainEvent } from '../src/contracts/event.ts';
import { AppError, codeOf } from '../src/errors.ts';
import { memoryEvents } from '../src/events/memory-events.ts';
import { createLogger } from '../src/logger.ts';
import { publish } from './harness/publishing.ts';
import { anEvent, numberOf } from './suites/events-fixture.ts';
import { eventsSuite } from './suites/events-suite.ts';

const logger = createLogger({ level: 'silent', name: 'test' });
const kinds = ['account.profile-changed'] as const;

eventsSuite(t, async (t) => {
  const events = memoryEvents({ logger });
  events.start();
  t.teardown(() => events.close());
  return { events, replica: events };
});

t.test(
  'nothing is published before all consumers of the process are named, and after it closed',
  async (t) => {
    const events = memoryEvents({ logger });
    t.equal(await publish(events, anEvent()).catch(codeOf), 'unavailable');
    events.start();
    await publish(events, anEvent());
    await events.close();
    t.equal(await publish(events, anEvent()).catch(codeOf), 'unavailable');
  },
);

t.test(
  'an event that a consumer of the process refuses is not published, whatever the refusal',
  async (t) => {
    const events = memoryEvents({ logger });
    events.start();
    const codes = ['deadline-passed', 'unavailable', 'internal'] as const;
    const refuse = async (event: DomainEvent<'account.profile-changed'>) => {
      throw new AppError(codes[numberOf(event)] ?? 'busy');
    };
    await events.consume({ name: 'test-refusing', kinds, handle: refuse });
    for (const number of codes.keys()) {
      t.equal(await publish(events, anEvent(number)).catch(codeOf), 'internal', 'the way of others is open');
    }
  },
);

t.test('events close when the handlers under way are done', async (t) => {
  const events = memoryEvents({ logger });
  events.start();
  const release = Promise.withResolvers<void>();
  let handled = false;
  const handle = async () => {
    await release.promise;
    handled = true;
  };
  await events.consume({ name: 'test-slow', kinds, handle });
  const published = publish(events, anEvent());
  const closed = events.close().then(() => handled);
  release.resolve();
  await published;
  t.equal(await closed, true);
});
