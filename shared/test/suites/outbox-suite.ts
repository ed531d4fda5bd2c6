import type { Test } from 'tap';
import type { DomainEvent } from '../../src/contracts/event.ts';
import type { Database } from '../../src/database/database.ts';
import { AppError, codeOf } from '../../src/errors.ts';
import { firstSight, removeSeenBefore } from '../../src/outbox/seen-events.ts';
import { until } from '../harness/server-process.ts';
import { change, commit, numberOf, openService, source } from './outbox-fixture.ts';

const away = async () => {
  throw new AppError('unavailable');
};

/** What an outbox promises on every database. */
export function outboxSuite(t: Test, openDatabase: (t: Test) => Promise<Database>): void {
  const openTest = async (t: Test) => openService(t, await openDatabase(t));

  t.test('what is committed is published, whole, and what is rolled back is not', async (t) => {
    const { db, open, waiting } = await openTest(t);
    const told: DomainEvent[] = [];
    const outbox = open(async (event) => void told.push(event), { clock: () => 1_700_000_000_000 });
    const failing = db.transaction().execute(async (tx) => {
      await outbox.add(tx, [change(0)], source);
      throw new AppError('last-admin');
    });
    t.equal(await failing.catch(codeOf), 'last-admin');
    const caller = { accountId: 10_000_009, role: 'admin', status: 'active' } as const;
    await db.transaction().execute(async (tx) => {
      await outbox.add(tx, [change(1)], { ...source, caller, address: '192.0.2.7' });
      await outbox.add(tx, [change(2)], source);
    });
    outbox.wake();
    await until('both are published', async () => told.length >= 2 && (await waiting()) === 0);
    const common = { kind: 'account.profile-changed', key: 'account:10000001', requestId: 'request-1' };
    const at = '2023-11-14T22:13:20.000Z';
    t.match(told, [
      { ...common, at, actorId: 10_000_009, address: '192.0.2.7', data: { fields: ['1'] } },
      { ...common, at, actorId: null, address: null, data: { fields: ['2'] } },
    ]);
    t.equal(new Set(told.map(({ id }) => id)).size, 2);
  });

  t.test('an event that breaks its contract is refused with the change that it tells of', async (t) => {
    const { db, open, waiting } = await openTest(t);
    const outbox = open(away);
    t.equal(await commit(db, outbox, change(1, 7)).catch(codeOf), 'contract-violated');
    t.equal(await waiting(), 0);
  });

  t.test(
    'what a replica committed before it died is published by the next one, without being woken',
    async (t) => {
      const { db, open, waiting } = await openTest(t);
      const dying = open(away);
      await commit(db, dying, change(1), change(2));
      await dying.stop();
      t.equal(await waiting(), 2);
      const told: number[] = [];
      open(async (event) => void told.push(numberOf(event)));
      await until('it is published', async () => (await waiting()) === 0);
      t.strictSame(told, [1, 2]);
    },
  );

  t.test(
    'a publisher that died after the acknowledgement repeats itself, and a consumer does not',
    async (t) => {
      const { db, open, waiting, forgetPublisher } = await openTest(t);
      const told: string[] = [];
      const done: number[] = [];
      const consume = async (event: DomainEvent) => {
        told.push(event.id);
        await db.transaction().execute(async (tx) => {
          const sight = { consumer: 'test', eventId: event.id, at: new Date() };
          if (await firstSight(tx, sight)) done.push(numberOf(event));
        });
      };
      const died = Promise.withResolvers<void>();
      const dead = Promise.withResolvers<void>();
      const dying = open(async (event) => {
        await consume(event);
        died.resolve();
        await dead.promise;
      });
      await commit(db, dying, change(1), change(2));
      await died.promise;
      // Before its stop, which waits for what is under way.
      t.teardown(() => dead.resolve());
      const next = open(consume);
      await forgetPublisher();
      next.wake();
      await until('the next one has published', async () => (await waiting()) === 0);
      t.equal(told.length, 3);
      t.equal(told[0], told[1], 'the first came twice');
      t.strictSame(done, [1, 2]);
    },
  );

  t.test('two replicas publish each event once, those of one key in their order', async (t) => {
    const { db, open, waiting } = await openTest(t);
    const told: DomainEvent[] = [];
    const replicas = [0, 1].map(() => open(async (event) => void told.push(event)));
    const keys = [10_000_001, 10_000_002, 10_000_003];
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    const writing = keys.map(async (key) => {
      for (const number of numbers) {
        const [outbox] = number % 2 === 0 ? replicas : [...replicas].reverse();
        if (outbox) await commit(db, outbox, change(number, key));
      }
    });
    await Promise.all(writing);
    await until('all are published', async () => (await waiting()) === 0);
    t.equal(told.length, 60);
    for (const key of keys) {
      const ofKey = told.filter((event) => event.key === `account:${key}`);
      t.strictSame(ofKey.map(numberOf), numbers);
    }
  });

  t.test('an event that fails keeps those of its key waiting, and no other', async (t) => {
    const { db, open, waiting } = await openTest(t);
    const told: number[] = [];
    let failures = 0;
    let broken = true;
    const outbox = open(async (event) => {
      if (broken && numberOf(event) === 1) {
        failures++;
        throw new AppError('internal');
      }
      told.push(numberOf(event));
    });
    await commit(db, outbox, change(1), change(2), change(3, 10_000_002));
    await until('the other key is published', () => told.length > 0);
    await until('it was tried again', () => failures >= 3);
    await commit(db, outbox, change(4, 10_000_002));
    await until('more of the other key is published', () => told.length > 1);
    t.strictSame(told, [3, 4]);
    broken = false;
    await until('all are published', async () => (await waiting()) === 0);
    t.strictSame(told, [3, 4, 1, 2]);
  });

  t.test('what waits while nothing gets through is published when it does, in order', async (t) => {
    const { db, open, waiting } = await openTest(t);
    const told: number[] = [];
    let tries = 0;
    let gateOpen = false;
    const outbox = open(async (event) => {
      tries++;
      if (!gateOpen) throw new AppError('unavailable');
      told.push(numberOf(event));
    });
    for (const number of [1, 2, 3]) await commit(db, outbox, change(number));
    await until('it was tried', () => tries >= 5);
    t.equal(await waiting(), 3);
    gateOpen = true;
    await until('all are published', async () => (await waiting()) === 0);
    t.strictSame(told, [1, 2, 3]);
  });

  t.test('a stop lets the publish under way finish, and another replica goes on at once', async (t) => {
    const { db, open, waiting } = await openTest(t);
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const told: number[] = [];
    const leaving = open(async (event) => {
      begun.resolve();
      await release.promise;
      told.push(numberOf(event));
    });
    await commit(db, leaving, change(1), change(2));
    await begun.promise;
    const stopped = leaving.stop();
    release.resolve();
    await stopped;
    t.strictSame(told, [1]);
    t.equal(await waiting(), 1);
    open(async (event) => void told.push(numberOf(event)));
    await until('the rest is published', async () => (await waiting()) === 0, 2000);
    t.strictSame(told, [1, 2]);
  });

  t.test('a publisher that has nothing left lets another one publish at once', async (t) => {
    const { db, open, waiting } = await openTest(t);
    const told: string[] = [];
    const first = open(async () => void told.push('first'), { pollMs: 60_000 });
    // As many as are published at a time, so that it looks for more.
    await commit(db, first, ...Array.from({ length: 200 }, (_, number) => change(number)));
    await until('they are published', async () => (await waiting()) === 0);
    const second = open(async () => void told.push('second'), { pollMs: 60_000 });
    await commit(db, second, change(200));
    await until('the next one is published', () => told.length === 201, 2000);
    t.equal(told.at(-1), 'second');
  });

  t.test('of two that handle one event at once, one sees it first, unless it fails', async (t) => {
    const { db } = await openTest(t);
    const sight = { consumer: 'test', eventId: 'c0ffee00-0000-4000-8000-000000000001', at: new Date() };
    const see = () => db.transaction().execute((tx) => firstSight(tx, sight));
    const failing = db.transaction().execute(async (tx) => {
      await firstSight(tx, sight);
      throw new AppError('internal');
    });
    await failing.catch(codeOf);
    t.strictSame((await Promise.all([see(), see()])).sort(), [false, true]);
    const other = { ...sight, consumer: 'other' };
    t.equal(await db.transaction().execute((tx) => firstSight(tx, other)), true, 'to each consumer its own');
  });

  t.test('what was seen long ago is forgotten', async (t) => {
    const { db } = await openTest(t);
    const see = (last: number, day: string) =>
      db.transaction().execute((tx) =>
        firstSight(tx, {
          consumer: 'test',
          eventId: `c0ffee00-0000-4000-8000-00000000000${last}`,
          at: new Date(`2026-11-${day}T00:00:00Z`),
        }),
      );
    await see(1, '01');
    await see(2, '02');
    t.equal(await removeSeenBefore(db, new Date('2026-11-02T00:00:00Z')), 1);
    t.strictSame([await see(1, '03'), await see(2, '03')], [true, false]);
  });
}
