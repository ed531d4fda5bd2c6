import { type DomainEvent, type EventKind, eventKinds } from '@vestibule/shared/contracts/event';
import type { Parts } from '@vestibule/shared/parts';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';
import { startUserService } from '../../user/test/user-service.ts';
import { newestTask, outcomeOf, person, startProcessService } from './process-service.ts';

/** What others are told of instances, as it comes. */
async function watch(t: Test, { events }: Parts): Promise<DomainEvent[]> {
  const told: DomainEvent[] = [];
  const consuming = await events.consume<EventKind>({
    name: 'test-watcher',
    kinds: eventKinds.filter((kind) => /^(process|task)\./.test(kind)),
    async handle(event) {
      told.push(event);
    },
  });
  t.teardown(() => consuming.stop());
  return told;
}

t.test('others are told of each change, in its order and by who did it', async (t) => {
  const parts = await testParts(t);
  const told = await watch(t, parts);
  await startUserService(t, parts);
  await startProcessService(t, parts);
  const sara = await person(parts);
  const mike = await person(parts, { role: 'repair' });
  const nils = await person(parts, { role: 'repair' });
  const admin = await person(parts, { role: 'admin' });

  const { id, tasks } = await sara.start();
  const repair = newestTask({ tasks });
  await mike.claim(repair);
  await mike.claim(repair);
  t.equal(await outcomeOf(nils.claim(repair)), 'task-taken');
  t.equal(await outcomeOf(mike.complete(repair, {})), 'input-invalid form.report');
  await mike.release(repair);
  await admin.assign(repair, nils.id);
  await sara.comment(repair, 'A secret of Sara’s');
  const reported = await nils.complete(repair, { report: 'A secret of Nils’' });
  const confirm = newestTask(reported);
  await admin.cancel(id);

  const ofTask = {
    instanceId: id,
    processName: 'repair_apply',
    applicantId: sara.id,
    taskId: repair,
    step: 'repair',
  };
  const ofConfirm = { ...ofTask, taskId: confirm, step: 'confirm' };
  const { taskId, step, ...ofInstance } = ofTask;
  const expected = [
    ['process.started', sara.id, { ...ofInstance, version: 1 }],
    ['task.opened', null, { ...ofTask, candidateRole: 'repair' }],
    ['task.claimed', mike.id, ofTask],
    ['task.released', mike.id, ofTask],
    ['task.assigned', admin.id, { ...ofTask, assigneeId: nils.id }],
    ['task.commented', sara.id, ofTask],
    ['task.completed', nils.id, ofTask],
    ['task.opened', null, { ...ofConfirm, candidateRole: null }],
    ['task.assigned', null, { ...ofConfirm, assigneeId: sara.id }],
    ['process.cancelled', admin.id, ofInstance],
    ['task.cancelled', null, ofConfirm],
  ];
  await until('all are told', () => told.length >= expected.length);
  t.strictSame(
    told.map(({ kind, actorId, data }) => [kind, actorId, data]),
    expected,
  );
  t.strictSame(new Set(told.map(({ key }) => key)), new Set([`instance:${id}`]));
  t.strictSame(new Set(told.map(({ requestId }) => requestId)), new Set(['a-request']));
  t.notMatch(JSON.stringify(told), /secret/, 'nobody’s text is told');
  const { entries } = (await admin.get(id)).history;
  t.strictSame(
    entries.map(({ action, task }) => `${task === null ? 'process' : 'task'}.${action}`),
    expected.map(([kind]) => kind),
    'each entry of the history has its event',
  );
});
