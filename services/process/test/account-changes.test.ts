import { userContracts } from '@vestibule/shared/contracts/user';
import t from 'tap';
import { openReviews } from './account-reviews.ts';
import { newestTask, person } from './process-service.ts';

t.test('what happens to accounts with work in processes', async (t) => {
  const { parts, admin, history, instanceOf, over, setStatus, eventually, heard } = await openReviews(t);
  const sara = await person(parts, { name: 'Sara' });
  const setRole = (id: number, role: 'repair' | 'donor') => admin.call(userContracts.setRole, { id, role });
  const taskOf = async (instanceId: number) => (await instanceOf(instanceId)).tasks.at(-1);

  /** A repair request of Sara's that somebody new has claimed. */
  async function claimed() {
    const mike = await person(parts, { name: 'Mike', role: 'repair' });
    const instance = await sara.start();
    await mike.claim(newestTask(instance));
    return { mike, id: instance.id, task: newestTask(instance) };
  }

  for (const [what, change, claim] of [
    ['frozen', (id: number) => setStatus(id, 'frozen'), 'Mike claimed repair'],
    ['deleted', (id: number) => setStatus(id, 'deleted'), 'claimed repair'],
    ['given another role', (id: number) => setRole(id, 'donor'), 'Mike claimed repair'],
  ] as const) {
    t.test(`the task of a worker who is ${what} is open again for all who may do it`, async (t) => {
      const { mike, id } = await claimed();
      await change(mike.id);
      await eventually('the task is open', async () => (await taskOf(id))?.status === 'open');
      t.match(await taskOf(id), { assignee: null, candidateRole: 'repair' });
      t.strictSame((await history(id)).slice(-2), [claim, '- released repair']);
    });
  }

  t.test('a worker who has his old role back keeps what he claims then', async (t) => {
    const { mike, id, task } = await claimed();
    await setRole(mike.id, 'donor');
    await eventually('the task is open', async () => (await taskOf(id))?.status === 'open');
    const before = await heard();
    await setRole(mike.id, 'repair');
    await mike.claim(task);
    await eventually('the change is heard', async () => (await heard()) === before + 1);
    t.match(await taskOf(id), { status: 'claimed', assignee: { id: mike.id } });
  });

  t.test('of a frozen applicant all stays but what others can do', async (t) => {
    const nora = await person(parts, { name: 'Nora', role: 'repair' });
    const mike = await person(parts, { name: 'Mike', role: 'repair' });
    const untouched = await nora.start();
    const done = await nora.start();
    await mike.claim(newestTask(done));
    await mike.complete(newestTask(done), { report: 'New washer' });
    const elsewhere = await sara.start();
    await nora.claim(newestTask(elsewhere));
    await setStatus(nora.id, 'frozen');
    await eventually('her claim is gone', async () => (await taskOf(elsewhere.id))?.status === 'open');
    t.match(await taskOf(done.id), { name: 'confirm', status: 'claimed', assignee: { id: nora.id } });
    t.match(await instanceOf(untouched.id), { status: 'running', tasks: [{ status: 'open' }] });
  });

  t.test('of a deleted applicant what nobody has taken up is cancelled, the rest is left', async (t) => {
    const nora = await person(parts, { name: 'Nora' });
    const mike = await person(parts, { name: 'Mike', role: 'repair' });
    const untouched = await nora.start();
    const taken = await nora.start();
    await mike.claim(newestTask(taken));
    await mike.release(newestTask(taken));
    await setStatus(nora.id, 'deleted');
    t.match(await over(untouched.id), { status: 'cancelled', tasks: [{ status: 'cancelled' }] });
    t.strictSame(await history(untouched.id), [
      'started',
      '- opened repair',
      '- cancelled repair',
      '- cancelled',
    ]);
    t.match(await instanceOf(taken.id), { status: 'running', tasks: [{ status: 'open' }] });
    t.match(await admin.cancel(taken.id), { status: 'cancelled' });
  });
});
