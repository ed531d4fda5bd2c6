import t from 'tap';
import { createLogger } from '../src/logger.ts';
import type { Waiting } from '../src/outbox/outbox-repository.ts';
import { startRelay } from '../src/outbox/relay.ts';
import { anEvent } from './suites/events-fixture.ts';

const logger = createLogger({ level: 'silent', name: 'test' });

t.test('looks that follow each other are 250 ms apart, so that a load is carried in batches', async (t) => {
  const waiting: Waiting[] = [];
  const looks: { begun: number; found: number }[] = [];
  const done = Promise.withResolvers<void>();
  let number = 0;
  const commit = () => {
    number++;
    const event = anEvent(number);
    waiting.push({ number, key: event.key, event });
    relay.wake();
  };
  const relay = startRelay({
    repository: {
      async take() {
        const begun = performance.now();
        const rows = waiting.splice(0);
        if (rows.length > 0) looks.push({ begun, found: rows.length });
        if (looks.length === 3) done.resolve();
        return rows.length > 0 ? rows : null;
      },
      async release() {},
      count: async () => waiting.length,
    },
    // Each event makes two more: what a look finds tells what the one before published.
    async publish(events) {
      return events.map(() => {
        commit();
        commit();
        return 'published';
      });
    },
    holder: 'test',
    logger,
    pollMs: 60_000,
  });
  t.teardown(() => relay.stop());
  commit();
  await done.promise;
  await relay.stop();
  const [first, second, third] = looks;
  t.strictSame([first?.found, second?.found, third?.found], [1, 2, 4]);
  // A timer may be a millisecond early.
  t.ok(Number(second?.begun) - Number(first?.begun) >= 248);
  t.ok(Number(third?.begun) - Number(second?.begun) >= 248);
});
