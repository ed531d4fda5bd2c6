import { setImmediate } from 'node:timers/promises';
import type { Test } from 'tap';
import type { DomainEvent, EventKind } from '../../src/contracts/event.ts';
import { AppError, codeOf } from '../../src/errors.ts';
import { publish } from '../harness/publishing.ts';
import { until } from '../harness/server-process.ts';
import { anEvent, numberOf, type OpenEvents, publishInOrder, publishTogether } from './events-fixture.ts';

const kinds = ['account.profile-changed'] as const;

/** What every implementation of Events does. */
export function eventsSuite(t: Test, open: OpenEvents): void {
  t.test('an event reaches each consumer of its kind, whole', async (t) => {
    const { events } = await open(t);
    const told: [string, DomainEvent][] = [];
    const consume = (name: string, wanted: readonly EventKind[]) =>
      events.consume({ name, kinds: wanted, handle: async (event) => void told.push([name, event]) });
    await consume('test-profiles', kinds);
    await consume('test-accounts', ['account.created', 'account.profile-changed', 'process.started']);
    await consume('test-sessions', ['session.opened']);
    const event = anEvent();
    await publish(events, event);
    await until('both are told', () => told.length === 2);
    told.sort();
    t.strictSame(told, [
      ['test-accounts', event],
      ['test-profiles', event],
    ]);
  });

  t.test('an event that nobody waits for is published', async (t) => {
    const { events } = await open(t);
    await publish(events, anEvent());
    t.pass('publish resolved');
  });

  t.test('what does not fit its kind is refused, and nobody is told', async (t) => {
    const { events } = await open(t);
    const told: DomainEvent[] = [];
    await events.consume({ name: 'test-all', kinds, handle: async (event) => void told.push(event) });
    const unfit: DomainEvent[] = [
      { ...anEvent(), id: 'no uuid' },
      { ...anEvent(), key: '' },
      { ...anEvent(), data: { accountId: 0, fields: [] } },
    ];
    for (const event of unfit) {
      t.equal(await publish(events, event).catch(codeOf), 'contract-violated');
    }
    const fit = anEvent();
    await publish(events, fit);
    await until('the good one is told', () => told.length > 0);
    t.strictSame(told, [fit]);
  });

  t.test('two replicas of a consumer share its events, those of one key in their order', async (t) => {
    const { events, replica } = await open(t);
    const told = new Map<string, number[]>();
    const tellers = new Set<string>();
    let inHand = 0;
    for (const [teller, process] of [
      ['first', events],
      ['second', replica],
    ] as const) {
      await process.consume({
        name: 'test-sharing',
        kinds,
        async handle(event) {
          inHand++;
          await setImmediate();
          told.set(event.key, [...(told.get(event.key) ?? []), numberOf(event)]);
          tellers.add(teller);
          inHand--;
        },
      });
    }
    const keys = [10_000_001, 10_000_002, 10_000_003, 10_000_004, 10_000_005];
    const numbers = Array.from({ length: 40 }, (_, number) => number);
    await Promise.all(
      keys.map((key) =>
        publishInOrder(
          events,
          numbers.map((number) => anEvent(number, key)),
        ),
      ),
    );
    const count = () => [...told.values()].reduce((sum, { length }) => sum + length, 0);
    await until('all are told', () => count() >= 200 && inHand === 0);
    for (const key of keys) t.strictSame(told.get(`account:${key}`), numbers);
    t.strictSame([...tellers].sort(), ['first', 'second']);
  });

  t.test('what a consumer refuses it is told again, and nothing later of that key before', async (t) => {
    const { events } = await open(t);
    const told: number[] = [];
    let refusals = 3;
    await events.consume({
      name: 'test-refusing',
      kinds,
      async handle(event) {
        if (numberOf(event) === 1 && refusals-- > 0) throw new AppError('database-unavailable');
        told.push(numberOf(event));
      },
    });
    await publishInOrder(
      events,
      [0, 1, 2].map((number) => anEvent(number)),
    );
    await until('all are told', () => told.length === 3, 20_000);
    t.strictSame(told, [0, 1, 2]);
    t.equal(refusals, -1);
  });

  t.test('events that are published together are told whole, those of one key in their order', async (t) => {
    const { events } = await open(t);
    const told: DomainEvent[] = [];
    await events.consume({
      name: 'test-together',
      kinds: ['account.profile-changed', 'account.role-changed'],
      handle: async (event) => void told.push(event),
    });
    const keys = [10_000_001, 10_000_002, 10_000_003, 10_000_004, 10_000_005];
    const all = Array.from({ length: 20 }, (_, number) =>
      keys.map((key): DomainEvent => {
        const event = anEvent(number, key);
        const data = { accountId: key, from: 'normal', to: 'admin' } as const;
        return number % 3 === 0 ? { ...event, kind: 'account.role-changed', data } : event;
      }),
    ).flat();
    t.strictSame(
      await events.publish(all),
      all.map(() => 'published'),
    );
    await until('all are told', () => told.length >= 100);
    const ofKey = (some: readonly DomainEvent[], key: number) =>
      some.filter((event) => event.key === `account:${key}`);
    for (const key of keys) t.strictSame(ofKey(told, key), ofKey(all, key));
    t.equal(told.length, 100);
  });

  t.test(
    'of events that are published together, what is refused is told again before what follows',
    async (t) => {
      const { events } = await open(t);
      const told: number[] = [];
      let refusals = 2;
      await events.consume({
        name: 'test-refusing-one',
        kinds,
        async handle(event) {
          if (numberOf(event) === 1 && refusals-- > 0) throw new AppError('database-unavailable');
          told.push(numberOf(event));
        },
      });
      await publishTogether(
        events,
        [0, 1, 2].map((number) => anEvent(number)),
      );
      await until('all are told', () => told.includes(2), 20_000);
      // What came before it in the same message may be told again, too.
      t.strictSame([...new Set(told)], [0, 1, 2]);
      t.equal(refusals, -1);
    },
  );

  t.test('what happens while no replica of a consumer runs it is told later', async (t) => {
    const { events, replica } = await open(t);
    const told: number[] = [];
    const consumer = {
      name: 'test-leaving',
      kinds,
      handle: async (event: DomainEvent<'account.profile-changed'>) => void told.push(numberOf(event)),
    };
    const first = await events.consume(consumer);
    await publish(events, anEvent(0));
    await until('the first is told', () => told.length === 1);
    await first.stop();
    const published = publishInOrder(
      events,
      [1, 2].map((number) => anEvent(number)),
    );
    await setImmediate();
    t.strictSame(told, [0]);
    await replica.consume(consumer);
    await published;
    await until('all are told', () => told.length === 3);
    t.strictSame(told, [0, 1, 2]);
  });

  t.test('a consumer that stops finishes what it is at, and begins nothing', async (t) => {
    const { events } = await open(t);
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const told: number[] = [];
    const consuming = await events.consume({
      name: 'test-stopping',
      kinds,
      async handle(event) {
        begun.resolve();
        await release.promise;
        told.push(numberOf(event));
      },
    });
    const published = publish(events, anEvent(0)).catch(codeOf);
    await begun.promise;
    const next = publish(events, anEvent(1)).catch(codeOf);
    let stopped = false;
    const stopping = consuming.stop().then(() => {
      stopped = true;
    });
    await setImmediate();
    t.equal(stopped, false);
    release.resolve();
    await Promise.all([stopping, published, next]);
    t.strictSame(told, [0]);
  });
}
