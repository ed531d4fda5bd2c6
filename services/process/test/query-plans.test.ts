import { createOutboxWriter } from '@vestibule/shared/outbox/outbox-writer';
import { explainedQueries } from '@vestibule/shared/test/explained-queries';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { createChangesRepository } from '../src/changes-repository.ts';
import { checkDefinition } from '../src/definition-rules.ts';
import { createMoves } from '../src/moves.ts';
import { createMovesRepository } from '../src/moves-repository.ts';
import { createRepeatsRepository } from '../src/repeats-repository.ts';
import type { ProcessTables } from '../src/tables.ts';
import { createViewsRepository } from '../src/views-repository.ts';
import { example } from './definition-example.ts';
import { insertInstances, vacuum } from './many-instances.ts';
import { openTables } from './process-service.ts';

t.test('every query about instances and tasks goes by an index', async (t) => {
  const db = await openTables(await testParts(t));
  await insertInstances(db, 20_000);
  await vacuum(db);
  const { watched, mustGoByIndex } = explainedQueries(db, {
    // The list of all instances grows for ever: a page of it must not sort them.
    check(t, { name, plan }) {
      if (name.startsWith('all ')) t.notMatch(plan, /Sort Key: instances\.id/, `${name}:\n${plan}`);
    },
  });
  const repository = createMovesRepository({ db: watched });
  const views = createViewsRepository({ db: watched });
  const repeats = createRepeatsRepository({ db: watched });
  const clock = () => 0;
  const outbox = createOutboxWriter<ProcessTables>({ clock });
  const moves = createMoves({ repository, changes: createChangesRepository(), outbox, clock });
  const definition = checkDefinition(example());
  const source = { requestId: 'a-request' };
  const page = { offset: 0, limit: 15 };
  const deep = { offset: 30, limit: 15 };
  const key = { account_id: 20_000_777, key: 'key-777' };
  const at = new Date(0);
  const within =
    <T>(work: Parameters<typeof repository.transaction<T>>[0]) =>
    () =>
      repository.transaction(work);

  const queries: Record<string, () => Promise<unknown>> = {
    'a task with its instance': () => views.byTask(777, 50),
    'the last worker of a step': () => repository.lastWorker(777, 'repair'),
    'one that runs': within((tx) => repository.hasRunning(tx, 'process_7', 20_000_777)),
    'settling an instance': within((tx) => moves.settle(tx, 1000, 'done', source)),
    'releasing the tasks of an account': within((tx) =>
      moves.releaseTasksOf(tx, 30_000_777, { keepRole: null }, source),
    ),
    'releasing them for a new role': within((tx) =>
      moves.releaseTasksOf(tx, 30_000_777, { keepRole: 'donor' }, source),
    ),
    'a task that is claimed': within(async (tx) => {
      const visit = await moves.visit(tx, 2000, source);
      if (visit) await moves.claim(visit, await repository.task(tx, 2000), 30_000_001);
      await visit?.leave();
    }),
    'an action that is done': within((tx) => repository.removeAction(tx, 777)),
    'an instance': () => views.instance(777, 50),
    'its history': () => views.history(777, { from: 1, to: 50 }),
    'whether one is': () => views.isParticipant(777, 20_000_777),
    'its actions': () => views.pendingActions(777),
    'an inbox': () => views.inbox({ accountId: 30_000_777, role: 'repair' }, page),
    'an inbox, deep page': () => views.inbox({ accountId: 30_000_777, role: 'repair' }, deep),
    'an export': () => views.takenPartIn(20_000_777, page, 50),
    'a list of one’s own': () => views.list({ applicantId: 20_000_777 }, page, 5),
    'one’s own by process': () => views.list({ applicantId: 20_000_777, processName: 'process_17' }, page, 5),
    'one’s own by status': () => views.list({ applicantId: 20_000_777, status: 'running' }, page, 5),
    'all of all': () => views.list({}, page, 5),
    'all by process': () => views.list({ processName: 'process_17' }, page, 5),
    'all by status': () => views.list({ status: 'cancelled' }, page, 5),
    'all by both': () => views.list({ processName: 'process_17', status: 'cancelled' }, deep, 5),
    'a key': () => repeats.find(key, at),
    'a start with a key': within(async (tx) => {
      const start = { version: 1, definition, applicantId: 20_000_777, form: {} };
      const begun = await moves.begin(tx, start, source);
      await begun?.leave({ ...key, digest: 'digest', answer: {}, expires_at: at });
    }),
    'a task that is completed': async () => {
      const located = await views.byTask(2004, 50);
      if (located === null) throw new Error('there is no such task');
      const visit = moves.look(located.instance, source);
      await moves.complete(visit, located.task, {
        definition,
        form: {},
        branch: { to: 'check' },
        lastWorkerId: 30_000_001,
      });
      await visit.leave();
    },
    'keys that expired': () => repeats.removeExpired(new Date('2026-01-01T01:00:00Z')),
  };

  await mustGoByIndex(t, queries);
});
