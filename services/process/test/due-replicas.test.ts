import type { DomainEvent } from '@vestibule/shared/contracts/event';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { startUserService } from '../../user/test/user-service.ts';
import { leak, newestTask, person, startProcessService } from './process-service.ts';

const hourMs = 3_600_000;
const soon = { PROCESS_POLL_MS: '10', OUTBOX_POLL_MS: '10' };

t.test('three replicas of the service tell of a due task once', async (t) => {
  const clock = movableClock();
  const parts = await testParts(t, { clock });
  const told: DomainEvent<'task.due-soon' | 'task.overdue'>[] = [];
  const watching = await parts.events.consume({
    name: 'test-watch',
    kinds: ['task.due-soon', 'task.overdue'],
    handle: async (event) => void told.push(event),
  });
  t.teardown(() => watching.stop());
  await startUserService(t, parts);
  const start = () => startProcessService(t, parts, soon);
  const replicas = [await start(), await start(), await start()];
  const sara = await person(parts, { name: 'Sara' });
  const mike = await person(parts, { name: 'Mike', role: 'repair' });
  const requested = async (inMs: number) => {
    const expectedAt = new Date(clock() + inMs).toISOString();
    const instance = await sara.start({ ...leak, expected_at: expectedAt });
    return { id: instance.id, task: newestTask(instance) };
  };
  const entries = async (id: number) =>
    (await sara.get(id)).history.entries.map(({ action, actor, task }) => ({
      action,
      actor: actor?.name ?? null,
      task: task?.id ?? null,
    }));

  const late = await requested(6 * hourMs);
  const done = await requested(6 * hourMs);
  await mike.claim(done.task);

  clock.advance(3 * hourMs);
  await until('both are reminded of', () => told.length === 2);
  await mike.complete(done.task, { report: 'New washer' });

  for (const replica of replicas) await replica.close();
  clock.advance(100 * hourMs);
  await Promise.all([start(), start(), start()]);
  await until('the late one is told', () => told.length === 3);
  // Whatever fell due before it was found before it.
  const fence = await requested(-hourMs);
  await until('the last one is told', () => told.length >= 4);
  t.strictSame(
    told.map(({ kind, data }) => [kind, data.taskId]).sort(),
    [
      ['task.due-soon', late.task],
      ['task.due-soon', done.task],
      ['task.overdue', late.task],
      ['task.overdue', fence.task],
    ].sort(),
  );
  t.strictSame(await entries(late.id), [
    { action: 'started', actor: 'Sara', task: null },
    { action: 'opened', actor: null, task: late.task },
    { action: 'due-soon', actor: null, task: late.task },
    { action: 'overdue', actor: null, task: late.task },
  ]);
  t.match((await sara.get(done.id)).history.entries.at(-1), { action: 'assigned' });
});
