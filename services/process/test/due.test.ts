import t from 'tap';
import { fireBacklog } from './due-backlog.ts';
import { at, eventsOf, historyOf, hourMs, openDue } from './due-looks.ts';
import { insertTasks } from './many-tasks.ts';

t.test('a task is reminded of, and then overdue, once each, with history and event', async (t) => {
  const { db, clock, counted, fire } = await openDue(t);
  await insertTasks(db, [7, 7], { dueAt: at(clock, 3 * hourMs), remindAt: at(clock, 2 * hourMs) });
  await fire();
  t.strictSame(await historyOf(db, 7), [], 'nothing before its time');

  clock.advance(2 * hourMs);
  await fire();
  await fire();
  const dueAt = '2027-01-15T11:00:00.000Z';
  const reminded = { number: 1, action: 'due-soon', actor_id: null, task_id: 7, details: { dueAt } };
  t.strictSame(await historyOf(db, 7), [reminded]);

  clock.advance(hourMs);
  await fire();
  await fire();
  t.strictSame(await historyOf(db, 7), [reminded, { ...reminded, number: 2, action: 'overdue' }]);
  const data = {
    instanceId: 7,
    processName: 'repair_apply',
    applicantId: 20_000_007,
    taskId: 7,
    step: 'repair',
    dueAt,
  };
  t.match(await eventsOf(db), [
    { key: 'instance:7', event: { kind: 'task.due-soon', actorId: null, requestId: 'due-a-look', data } },
    { key: 'instance:7', event: { kind: 'task.overdue', actorId: null, requestId: 'due-a-look', data } },
  ]);
  t.strictSame(counted, { overdue: 1, 'due-soon': 1 });
  const task = await db.selectFrom('tasks').selectAll().executeTakeFirstOrThrow();
  t.match(task, { status: 'open', overdue_at: new Date(clock()), remind_at: null });
});

t.test('what fell due while nobody looked is overdue, and not to be done soon', async (t) => {
  const { db, clock, fire } = await openDue(t);
  await insertTasks(db, [1, 1], { dueAt: at(clock, 3 * hourMs), remindAt: at(clock, 2 * hourMs) });
  clock.advance(100 * hourMs);
  await fire();
  t.match(await historyOf(db, 1), [{ action: 'overdue' }]);
  t.equal((await eventsOf(db)).length, 1);
  t.match(await db.selectFrom('tasks').selectAll().executeTakeFirstOrThrow(), { remind_at: null });
});

t.test('nothing is told of finished tasks, ended instances, and tasks without a time', async (t) => {
  const { db, clock, fire } = await openDue(t);
  const times = { dueAt: at(clock, 0), remindAt: at(clock, 0) };
  await insertTasks(db, [1, 3], times);
  await insertTasks(db, [4, 4], { dueAt: null });
  await db.updateTable('tasks').set({ status: 'completed' }).where('id', '=', 1).execute();
  await db.updateTable('tasks').set({ status: 'cancelled' }).where('id', '=', 2).execute();
  await db.updateTable('instances').set({ status: 'cancelled' }).where('id', '=', 3).execute();
  clock.advance(hourMs);
  await fire();
  t.strictSame(await eventsOf(db), []);
  t.strictSame(await db.selectFrom('history').selectAll().execute(), []);
});

t.test('a claimed task falls due like an open one', async (t) => {
  const { db, clock, fire } = await openDue(t);
  await insertTasks(db, [1, 1], { dueAt: at(clock, 0) });
  await db.updateTable('tasks').set({ status: 'claimed', assignee_id: 20_000_009 }).execute();
  await fire();
  t.match(await historyOf(db, 1), [{ action: 'overdue', task_id: 1 }]);
});

t.test('three replicas fire a backlog once, and hold up nobody', (t) => fireBacklog(t, 1000));

t.test('a look that is told to stop ends after the transaction under way', async (t) => {
  const { db, clock, counted, replica } = await openDue(t);
  await insertTasks(db, [1, 100], { dueAt: at(clock, 0) });
  const stopping = new AbortController();
  const fired = replica().fire(stopping.signal);
  stopping.abort();
  await fired;
  t.ok(counted.overdue < 100, `${counted.overdue} were fired`);
});
