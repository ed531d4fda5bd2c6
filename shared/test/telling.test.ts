import t from 'tap';
import type { DomainEvent } from '../src/contracts/event.ts';
import { AppError, codeOf } from '../src/errors.ts';
import { tell } from '../src/events/telling.ts';
import { anEvent, numberOf } from './suites/events-fixture.ts';

const kinds = ['account.profile-changed'] as const;
type Event = DomainEvent<(typeof kinds)[number]>;

function listener() {
  const told: number[] = [];
  return { told, kinds, handle: async (event: Event) => void told.push(numberOf(event)) };
}

t.test('a message of one event and one of several are told, in their order', async (t) => {
  const consumer = listener();
  await tell(consumer, JSON.stringify(anEvent(1)));
  await tell(consumer, JSON.stringify([anEvent(2), anEvent(3)]));
  t.strictSame(consumer.told, [1, 2, 3]);
});

t.test('of other kinds a consumer is told nothing, whatever they hold', async (t) => {
  const consumer = listener();
  await tell(consumer, JSON.stringify({ kind: 'account.of-tomorrow' }));
  await tell(
    consumer,
    JSON.stringify([{ kind: 'account.of-tomorrow' }, { ...anEvent(1), kind: 'session.ended' }]),
  );
  t.strictSame(consumer.told, []);
});

t.test(
  'a consumer that takes several at once is told them at once, and one alone as others are',
  async (t) => {
    const consumer = listener();
    const together: number[][] = [];
    const handleAll = async (events: readonly Event[]) => void together.push(events.map(numberOf));
    await tell({ ...consumer, handleAll }, JSON.stringify([anEvent(1), anEvent(2)]));
    await tell({ ...consumer, handleAll }, JSON.stringify([anEvent(3)]));
    t.strictSame(together, [[1, 2]]);
    t.strictSame(consumer.told, [3]);
  },
);

t.test('a consumer that fails in the middle of a message is told nothing after it', async (t) => {
  const consumer = listener();
  const handle = async (event: Event) => {
    await consumer.handle(event);
    if (numberOf(event) === 2) throw new AppError('database-unavailable');
  };
  const message = JSON.stringify([anEvent(1), anEvent(2), anEvent(3)]);
  t.equal(await tell({ kinds, handle }, message).catch(codeOf), 'database-unavailable');
  t.strictSame(consumer.told, [1, 2]);
});

t.test('of a message with an event that does not fit its kind nothing is told', async (t) => {
  const consumer = listener();
  const message = JSON.stringify([anEvent(1), { ...anEvent(2), id: 'no uuid' }]);
  t.equal(await tell(consumer, message).catch(codeOf), 'contract-violated');
  t.strictSame(consumer.told, []);
});
