import t from 'tap';
import { fireBacklog } from './due-backlog.ts';
import { at, eventsOf, openDue } from './due-looks.ts';
import { insertTasks } from './many-tasks.ts';

t.test('three replicas fire a backlog of 10,000 once, and hold up nobody', { timeout: 300_000 }, (t) =>
  fireBacklog(t, 10_000),
);

t.test('an instance that somebody holds is fired when it is free, the others at once', async (t) => {
  const { db, clock, fire } = await openDue(t);
  await insertTasks(db, [1, 3], { dueAt: at(clock, 0) });
  await db.transaction().execute(async (tx) => {
    await tx.selectFrom('instances').select('id').where('id', '=', 2).forUpdate().execute();
    await fire();
  });
  t.match(
    (await eventsOf(db)).map(({ key }) => key),
    ['instance:1', 'instance:3'],
  );
  await fire();
  t.equal((await eventsOf(db)).at(-1)?.key, 'instance:2');
});
