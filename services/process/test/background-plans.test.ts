import { firstSight, removeSeenBefore } from '@vestibule/shared/outbox/seen-events';
import { explainedQueries } from '@vestibule/shared/test/explained-queries';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { createActionsRepository } from '../src/actions-repository.ts';
import { createApplicantsRepository } from '../src/applicants-repository.ts';
import { createDueRepository } from '../src/due-repository.ts';
import { createErasuresRepository } from '../src/erasures-repository.ts';
import { insertInstances, vacuum } from './many-instances.ts';
import { openTables } from './process-service.ts';

t.test('every query of what the service does by itself goes by an index', async (t) => {
  const db = await openTables(await testParts(t));
  await insertInstances(db, 10_000);
  const hour = new Date('2026-01-01T01:00:00Z');
  await db.updateTable('tasks').set({ overdue_at: hour }).where('id', '<', 100).execute();
  await vacuum(db);
  const { watched, mustGoByIndex } = explainedQueries(db);
  const due = createDueRepository({ db: watched });
  const actions = createActionsRepository({ db: watched });
  const applicants = createApplicantsRepository({ db: watched });
  const erasures = createErasuresRepository({ db: watched });
  const now = new Date('2026-01-01T03:00:00Z');
  const write = async () => {};

  await mustGoByIndex(t, {
    'what is overdue': () => due.take('overdue', { now, limit: 20 }, write),
    'what is due soon': () => due.take('due-soon', { now: hour, limit: 20 }, write),
    'how much is overdue': () => due.countOverdue(),
    'actions that wait': () => actions.take({ now, orderedBefore: hour, leasedUntil: now, limit: 8 }),
    'those of an instance': () =>
      actions.take({ now, orderedBefore: hour, leasedUntil: now, limit: 1, instanceId: 777 }),
    'putting one back': () => actions.putBack(777, 1, now),
    'whether one waits': () => actions.transaction((tx) => actions.isWaiting(tx, 777)),
    'what runs of an applicant': () => applicants.runningOf(20_000_777, 'audit-account'),
    'the lock of all of an account': () =>
      applicants.transaction((tx) => applicants.lockAllOf(tx, 20_000_777)),
    'an event that is seen': () =>
      applicants.transaction((tx) =>
        firstSight(tx, {
          consumer: 'process-accounts',
          eventId: '00000000-0000-4000-8000-000000000001',
          at: now,
        }),
      ),
    'events that are forgotten': () => removeSeenBefore(watched, hour),
    'what is to be erased': () => erasures.transaction((tx) => erasures.takeDue(tx, now)),
    'what an account wrote in what runs': () =>
      erasures.transaction((tx) => erasures.hasRunning(tx, 20_000_777)),
    'its forms': () => erasures.transaction((tx) => erasures.eraseForms(tx, 20_000_777, 100)),
    'its entries': () => erasures.transaction((tx) => erasures.eraseEntries(tx, 30_000_777, 100)),
    'its repeats': () => erasures.transaction((tx) => erasures.removeRepeats(tx, 20_000_777)),
  });
});
