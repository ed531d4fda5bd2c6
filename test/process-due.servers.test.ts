import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { leak, newestTask, times } from '../services/process/test/process-service.ts';
import { inParallel, startProcessPlatform } from './harness/process-clients.ts';
import { watchEvents } from './harness/process-events.ts';

t.setTimeout(600_000);

t.test('three replicas, all killed when tasks fall due', { timeout: 300_000 }, async (t) => {
  const { platform, as, query } = await startProcessPlatform(t, { replicas: 3 });
  const told = await watchEvents(t, platform.nats.url);
  const toldOf = (kind: string) =>
    told
      .flatMap((event) => (event.kind === kind && 'taskId' in event.data ? [event.data.taskId] : []))
      .sort();
  const historyOf = async (action: string) =>
    (
      await query<{ task_id: string }>(
        `select task_id from process.history where action = '${action}' order by task_id`,
      )
    ).map(({ task_id }) => Number(task_id));

  const applicant = as(20_000_000, 'normal');
  const worker = as(30_000_000, 'repair');
  const dueAt = Date.now() + 15_000;
  const form = { ...leak, expected_at: new Date(dueAt).toISOString() };
  const tasks = await inParallel(8, times(60, String), async () => newestTask(await applicant.start(form)));
  const [first = 0, second = 0, ...due] = tasks.sort((one, other) => one - other);
  for (const task of [first, second]) await worker.claim(task);
  await worker.complete(first, { report: 'New washer' });

  await t.test('are reminded of once while they are not done', async (t) => {
    await until('all are reminded of', async () => (await historyOf('due-soon')).length >= 59, 14_000);
    await until('all reminders are told', () => toldOf('task.due-soon').length >= 59);
    t.equal(new Set(toldOf('task.due-soon')).size, toldOf('task.due-soon').length, 'none is told twice');
  });

  const replicas = platform.parts.filter(({ name }) => name === 'process');
  await Promise.all(replicas.map((replica) => replica.kill()));
  t.strictSame(await historyOf('overdue'), [], 'nothing is due yet');
  await until('they are due', () => Date.now() > dueAt, 20_000);
  await Promise.all(replicas.map((replica) => replica.restart()));

  await t.test('fire once each after the start, those that are done excepted', async (t) => {
    await until('all have fired', async () => (await historyOf('overdue')).length >= 59, 30_000);
    await until('all are told', () => toldOf('task.overdue').length >= 59, 30_000);
    await until(
      'several looks are over',
      async () => {
        const figures = await Promise.all(
          replicas.map(async ({ ops }) => (await fetch(`${ops}/metrics`)).text()),
        );
        // The gauge is set every 15 s, so each replica has looked more than ten times by then.
        return figures.every((text) => /^vestibule_process_overdue_tasks 59$/m.test(text));
      },
      30_000,
    );
    t.strictSame(await historyOf('overdue'), [second, ...due]);
    t.strictSame(
      toldOf('task.overdue').sort((one, other) => one - other),
      [second, ...due],
    );
  });
});
