import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { leak, newestTask, times } from '../services/process/test/process-service.ts';
import {
  type ProcessPlatform,
  persist,
  persistently,
  startProcessPlatform,
} from './harness/process-clients.ts';
import { watchEvents } from './harness/process-events.ts';

t.setTimeout(600_000);

const patienceMs = 2000;

/** A repair from request to confirmation, each step asked for until it is done; answers how each ended. */
async function repair({ as }: Pick<ProcessPlatform, 'as'>, index: number): Promise<string[]> {
  const applicant = as(20_000_000 + index, 'normal', patienceMs);
  const worker = as(30_000_000 + index, 'repair', patienceMs);
  const started = await persistently(() => applicant.start(leak, 'repair_apply', `repair-${index}`));
  const task = newestTask(started);
  const claimed = await persist(() => worker.claim(task));
  const completed = await persist(() => worker.complete(task, { report: `Done ${index}` }));
  const { instance } = await persistently(() => applicant.get(started.id));
  const confirmed = await persist(() => applicant.complete(newestTask(instance), { result: 'accepted' }));
  return [claimed, completed, confirmed];
}

t.test('kill -9 of process replicas during completes', { timeout: 300_000 }, async (t) => {
  const clients = await startProcessPlatform(t);
  const { platform, query } = clients;
  const told = await watchEvents(t, platform.nats.url);

  let begun = 0;
  let running = true;
  const outcomes: string[][] = [];
  const working = times(8, async () => {
    while (running) {
      begun += 1;
      outcomes.push(await repair(clients, begun));
    }
  });
  const replicas = platform.parts.filter(({ name }) => name === 'process');
  for (const victim of [...replicas, ...replicas]) {
    const goal = outcomes.length + 30;
    await until(`${goal} repairs are done`, () => outcomes.length >= goal, 60_000);
    await victim.kill();
    await victim.restart();
  }
  running = false;
  await Promise.all(working);
  const answers = outcomes.flat();
  const lost = answers.filter((answer) => answer === 'task-finished').length;
  t.comment(`${outcomes.length} repairs; ${lost} completes were done, and their answers lost`);
  t.strictSame(
    answers.filter((answer) => answer !== 'ok' && answer !== 'task-finished'),
    [],
    'what was not answered can be asked for again',
  );
  await t.test('no task is done twice and none is lost', async (t) => {
    const instances = await query(`
      select status, outcome, count(*)::int as instances from process.instances group by status, outcome`);
    t.strictSame(instances, [{ status: 'completed', outcome: 'accepted', instances: begun }]);
    const tasks = await query(`
      select step, status, count(*)::int as tasks from process.tasks group by step, status order by step`);
    t.strictSame(tasks, [
      { step: 'confirm', status: 'completed', tasks: begun },
      { step: 'repair', status: 'completed', tasks: begun },
    ]);
    const completions = await query(`
      select completions, count(*)::int as tasks from (
        select count(*)::int as completions from process.history
        where action = 'completed' and task_id is not null group by task_id) as each
      group by completions`);
    t.strictSame(completions, [{ completions: 1, tasks: 2 * begun }]);
  });

  const history = await query<{ instance_id: string; kinds: string }>(`
    select instance_id, string_agg(case when task_id is null then 'process.' else 'task.' end || action, ' '
      order by number) as kinds
    from process.history group by instance_id`);
  await t.test('each history is complete', async (t) => {
    const whole =
      'process.started task.opened task.claimed task.completed task.opened task.assigned task.completed process.completed';
    t.strictSame(new Set(history.map(({ kinds }) => kinds)), new Set([whole]));
    const gaps = await query(`
      select instances.id from process.instances join process.history on instance_id = instances.id
      group by instances.id having max(number) <> count(*) or max(number) <> history_length`);
    t.strictSame(gaps, []);
  });

  await t.test('each event is delivered, in the order of its instance', async (t) => {
    await until(
      'the outbox is empty',
      async () => {
        const [row] = await query<{ waiting: number }>('select count(*)::int as waiting from process.outbox');
        return row?.waiting === 0;
      },
      60_000,
    );
    await until('all events are told', () => told.length >= begun * 8, 60_000);
    const kindsOf = new Map<string, string[]>();
    for (const { key, kind } of told) kindsOf.set(key, [...(kindsOf.get(key) ?? []), kind]);
    t.strictSame(
      [...kindsOf].map(([key, kinds]) => `${key}: ${kinds.join(' ')}`).sort(),
      history.map(({ instance_id, kinds }) => `instance:${instance_id}: ${kinds}`).sort(),
    );
  });
});
