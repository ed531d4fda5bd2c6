import t, { type Test } from 'tap';
import { natsBus } from '../src/bus/nats-bus.ts';
import type { DomainEvent } from '../src/contracts/event.ts';
import { codeOf } from '../src/errors.ts';
import type { Events } from '../src/events/events.ts';
import { jetstreamEvents } from '../src/events/jetstream-events.ts';
import { embeddedDatabase } from './harness/embedded-database.ts';
import { logLines } from './harness/log-lines.ts';
import { type NatsServer, startNatsServer } from './harness/nats-server.ts';
import { publish } from './harness/publishing.ts';
import { freePort, until } from './harness/server-process.ts';
import { anEvent, numberOf } from './suites/events-fixture.ts';
import { change, commit, openService, numberOf as outboxNumber } from './suites/outbox-fixture.ts';

const kinds = ['account.profile-changed'] as const;
const patience = 30_000;
/** Less than a question for the next event lasts: nobody waits for the end of one that the broker has forgotten. */
const askedAnewMs = 10_000;

/** One process's connection and events. */
async function openProcess(t: Test, url: string) {
  const log = logLines();
  const parts = { url, namespace: 'faults', name: 'test', clock: Date.now, logger: log.logger };
  const { broker, ...bus } = await natsBus(parts);
  const opening = jetstreamEvents({ broker, namespace: 'faults', logger: log.logger });
  t.teardown(async () => {
    await broker.nats.close();
    await opening.then((events) => events.close()).catch(() => undefined);
    await bus.close();
  });
  return { broker, log, opening };
}

async function openPair(t: Test) {
  const server = await startNatsServer();
  t.teardown(() => server.stop());
  const { opening, broker } = await openProcess(t, server.url);
  return { server, events: await opening, broker };
}

async function collect(events: Events, name: string): Promise<number[]> {
  const told: number[] = [];
  const handle = async (event: DomainEvent<'account.profile-changed'>) => void told.push(numberOf(event));
  await events.consume({ name, kinds, handle });
  return told;
}

/** Whether publishing works again; what is tried for that is number 0 of another account. */
const works = (events: Events) => () =>
  publish(events, anEvent(0, 10_000_099)).then(
    () => true,
    () => false,
  );

async function interrupt(t: Test, fault: (server: NatsServer) => Promise<void>): Promise<void> {
  const { server, events } = await openPair(t);
  const told = await collect(events, 'test-faults');
  await publish(events, anEvent(1));
  await until('the first is told', () => told.includes(1));
  await fault(server);
  await until('events are published', works(events), patience);
  await publish(events, anEvent(2));
  await until('the second is told', () => told.includes(2), askedAnewMs);
  // A broker that was killed may have forgotten an acknowledgement: then it tells twice, and never out of order.
  t.strictSame([...new Set(told)].filter(Boolean), [1, 2]);
}

t.test('events go on after the broker was killed', async (t) => {
  await interrupt(t, async (server) => {
    await server.kill();
    await server.restart();
  });
});

t.test('events go on after the broker stood still', async (t) => {
  await interrupt(t, async (server) => {
    await server.freeze();
    server.thaw();
  });
});

t.test('a publish fails at once while the broker is away, and in time while it stands still', async (t) => {
  const { server, events, broker } = await openPair(t);
  await server.freeze();
  const begun = performance.now();
  t.equal(await publish(events, anEvent(1)).catch(codeOf), 'deadline-passed');
  t.ok(performance.now() - begun < 8000);
  await server.kill();
  await until('it is known to be away', () => !broker.connected());
  const refused = performance.now();
  t.equal(await publish(events, anEvent(1)).catch(codeOf), 'unavailable');
  t.ok(performance.now() - refused < 500);
});

t.test('an event that the broker lets nobody publish is not taken for a broker that is away', async (t) => {
  const permissions = 'permissions { publish { allow: ">", deny: "faults.events.account.role-changed.*" } }';
  const settings = [`authorization { users: [{ user: test, password: test, ${permissions} }] }`];
  const server = await startNatsServer({ settings });
  t.teardown(() => server.stop());
  const { opening } = await openProcess(t, server.url.replace('//', '//test:test@'));
  const events = await opening;
  const data = { accountId: 10_000_001, from: 'normal', to: 'admin' } as const;
  const refused: DomainEvent<'account.role-changed'> = { ...anEvent(1), kind: 'account.role-changed', data };
  await t.rejects(publish(events, refused), { code: 'internal' });
  await publish(events, anEvent(2));
});

t.test('an event whose consumer died is told to another replica', async (t) => {
  const { server, events } = await openPair(t);
  const { opening, broker } = await openProcess(t, server.url);
  const dying = await opening;
  const begun = Promise.withResolvers<void>();
  const dead = Promise.withResolvers<void>();
  t.teardown(() => dead.resolve());
  await dying.consume({
    name: 'test-dying',
    kinds,
    async handle() {
      begun.resolve();
      await dead.promise;
    },
  });
  await publish(events, anEvent(1));
  await publish(events, anEvent(2));
  await begun.promise;
  const told = await collect(events, 'test-dying');
  await broker.nats.close();
  await until('both are told', () => told.length === 2, patience);
  t.strictSame(told, [1, 2]);
});

t.test('a handler that takes long is not told twice', async (t) => {
  const { events } = await openPair(t);
  const told: number[] = [];
  const release = Promise.withResolvers<void>();
  // Longer than the server waits without a word.
  const timer = setTimeout(release.resolve, 7000);
  t.teardown(() => clearTimeout(timer));
  await events.consume({
    name: 'test-slow',
    kinds,
    async handle(event) {
      told.push(numberOf(event));
      if (numberOf(event) === 1) await release.promise;
    },
  });
  await publish(events, anEvent(1));
  await publish(events, anEvent(2));
  await until('both are told', () => told.length === 2, patience);
  t.strictSame(told, [1, 2]);
});

t.test('an event that is published twice is stored once', async (t) => {
  const { events } = await openPair(t);
  const event = anEvent(1);
  await publish(events, event);
  await publish(events, event);
  await publish(events, anEvent(2));
  const told = await collect(events, 'test-twice');
  await until('the last is told', () => told.includes(2));
  t.strictSame(told, [1, 2]);
});

t.test('what an outbox holds of one kind is a message for each part', async (t) => {
  const { events, broker } = await openPair(t);
  const { db, openOn, waiting } = await openService(t, await embeddedDatabase(t));
  const outbox = openOn(events, { pollMs: 60_000 });
  // Accounts of the parts 0, 3, 0, 4, 1 and 3.
  const accounts = [10_000_001, 10_000_002, 10_000_003, 10_000_004, 10_000_005, 10_000_006];
  const changes = accounts.flatMap((account) => [1, 2, 3, 4, 5].map((number) => change(number, account)));
  await commit(db, outbox, ...changes);
  await until('all are published', async () => (await waiting()) === 0);
  const manager = await broker.nats.jetstreamManager();
  const { state } = await manager.streams.info('faults-events', { subjects_filter: '>' });
  t.same(state.subjects, {
    'faults.events.account.profile-changed.0': 1,
    'faults.events.account.profile-changed.1': 1,
    'faults.events.account.profile-changed.3': 1,
    'faults.events.account.profile-changed.4': 1,
  });
  const together: number[] = [];
  const told: DomainEvent[] = [];
  await events.consume({
    name: 'test-together',
    kinds,
    handle: async (event) => void told.push(event),
    async handleAll(all) {
      together.push(all.length);
      told.push(...all);
    },
  });
  await until('all are told', () => told.length === 30);
  t.strictSame(
    together.toSorted((a, b) => a - b),
    [5, 5, 10, 10],
  );
});

t.test('several events that are published twice are stored once', async (t) => {
  const { events } = await openPair(t);
  const several = [anEvent(1), anEvent(2)];
  await publish(events, ...several);
  await publish(events, ...several);
  await publish(events, anEvent(3));
  const told = await collect(events, 'test-several-twice');
  await until('the last is told', () => told.includes(3));
  t.strictSame(told, [1, 2, 3]);
});

t.test('a start waits for JetStream and says so', async (t) => {
  const port = await freePort();
  const bare = await startNatsServer({ port, jetstream: false });
  t.teardown(() => bare.stop());
  const { opening, log } = await openProcess(t, bare.url);
  await until('it says so', () => log.text().includes('JetStream is not enabled on the server'), patience);
  await bare.stop();
  const server = await startNatsServer({ port });
  t.teardown(() => server.stop());
  await publish(await opening, anEvent(1));
  t.equal(log.text().match(/JetStream is not enabled/g)?.length, 1);
});

t.test('what an operator has changed of the stream stays', async (t) => {
  const { server, broker } = await openPair(t);
  const manager = await broker.nats.jetstreamManager();
  const { config } = await manager.streams.info('faults-events');
  await manager.streams.update('faults-events', {
    ...config,
    max_bytes: 1_000_000,
    max_age: 3_600_000_000_000,
  });
  const { opening } = await openProcess(t, server.url);
  await publish(await opening, anEvent(1));
  const found = await manager.streams.info('faults-events');
  t.match(found.config, { max_bytes: 1_000_000, max_age: 3_600_000_000_000, subjects: ['faults.events.>'] });
});

t.test('what an outbox holds while the broker is away is told after its return, in order', async (t) => {
  const { server, events, broker } = await openPair(t);
  const { db, openOn, waiting } = await openService(t, await embeddedDatabase(t));
  const outbox = openOn(events);
  const told: number[] = [];
  const handle = async (event: DomainEvent) => void told.push(outboxNumber(event));
  await events.consume({ name: 'test-outbox', kinds, handle });
  await commit(db, outbox, change(1));
  await until('the first is told', () => told.length === 1);
  await server.kill();
  await until('it is known to be away', () => !broker.connected());
  for (const number of [2, 3, 4]) await commit(db, outbox, change(number));
  t.equal(await waiting(), 3);
  await server.restart();
  await until('all are told', () => told.length >= 4, patience);
  t.strictSame([...new Set(told)], [1, 2, 3, 4]);
});
