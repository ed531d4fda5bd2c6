import t from 'tap';
import { AppError, type ErrorCode } from '../src/errors.ts';
import { createPublisher } from '../src/events/publisher.ts';
import { anEvent } from './suites/events-fixture.ts';

const first = 10_000_001;
const second = 10_000_002;

/** One lane; what is sent is told by the numbers of its events, and fails with the code that stands for the first. */
function publisher(failures: Readonly<Record<number, ErrorCode>> = {}) {
  const sent: number[][] = [];
  const publish = createPublisher({
    laneOf: () => 'one',
    lanesAtOnce: 8,
    eventsAtOnce: 2,
    async send({ events }) {
      const numbers = events.map(({ text }) => Number(JSON.parse(text).data.fields[0]));
      sent.push(numbers);
      const code = failures[numbers[0] ?? -1];
      if (code !== undefined) throw new AppError(code);
    },
  });
  return { sent, publish };
}

t.test(
  'an event that breaks its contract is refused alone, and only what comes after it of its key waits',
  async (t) => {
    const { sent, publish } = publisher();
    const bad = { ...anEvent(2, first), id: 'no uuid' };
    const events = [anEvent(1, first), bad, anEvent(3, first), anEvent(4, second)];
    t.match(await publish(events), ['published', { code: 'contract-violated' }, 'waits', 'published']);
    t.strictSame(sent, [[1, 4]]);
  },
);

t.test('a message that is refused keeps its keys waiting, and no others', async (t) => {
  const { sent, publish } = publisher({ 1: 'internal' });
  const events = [
    anEvent(1, first),
    anEvent(2, first),
    anEvent(3, first),
    anEvent(4, second),
    anEvent(5, second),
  ];
  t.match(await publish(events), [{ code: 'internal' }, 'waits', 'waits', 'published', 'published']);
  t.strictSame(sent, [[1, 2], [4], [5]]);
});

for (const code of ['unavailable', 'deadline-passed'] as const) {
  t.test(`after ${code} nothing more is tried`, async (t) => {
    const { sent, publish } = publisher({ 3: code });
    const events = [1, 2, 3, 4, 5, 6].map((number) => anEvent(number, first + number));
    const published = await publish(events);
    t.match(published, ['published', 'published', { code }, { code }, 'waits', 'waits']);
    t.strictSame(sent, [
      [1, 2],
      [3, 4],
    ]);
  });
}

t.test('what may not begin waits', async (t) => {
  const { sent, publish } = publisher();
  const events = [1, 2, 3].map((number) => anEvent(number, first));
  t.strictSame(await publish(events, () => sent.length === 0), ['published', 'published', 'waits']);
  t.strictSame(sent, [[1, 2]]);
});
