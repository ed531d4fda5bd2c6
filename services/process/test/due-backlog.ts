import type { Test } from 'tap';
import { at, hourMs, openDue } from './due-looks.ts';
import { insertTasks } from './many-tasks.ts';

/** So many tasks are due, and three replicas look at once while somebody works on the same instances. */
export async function fireBacklog(t: Test, backlog: number): Promise<void> {
  const { db, clock, counted, replica } = await openDue(t);
  await insertTasks(db, [1, backlog], { dueAt: at(clock, -hourMs), remindAt: at(clock, -2 * hourMs) });
  const { signal } = new AbortController();
  let firing = true;
  const fired = Promise.all([replica(), replica(), replica()].map((each) => each.fire(signal))).finally(
    () => {
      firing = false;
    },
  );
  // As who claims one of them does, again and again, first of the last ones, then of those under way.
  let slowestMs = 0;
  for (let turns = 0; firing; turns += 1) {
    const startedAt = performance.now();
    const id = backlog - ((turns * 37) % backlog);
    await db
      .transaction()
      .execute((tx) => tx.selectFrom('instances').select('id').where('id', '=', id).forUpdate().execute());
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  }
  await fired;
  t.strictSame(counted, { overdue: backlog, 'due-soon': 0 });
  const { events, keys } = await db
    .selectFrom('outbox')
    .select(({ fn }) => [fn.countAll<number>().as('events'), fn.count<number>('key').distinct().as('keys')])
    .executeTakeFirstOrThrow();
  t.strictSame({ events, keys }, { events: backlog, keys: backlog });
  // Longer than the database lets anybody wait it cannot be.
  t.ok(slowestMs < 3000, `who wants one of the instances waits ${Math.round(slowestMs)} ms at most`);
}
