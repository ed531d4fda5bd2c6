import { userContracts } from '@vestibule/shared/contracts/user';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { startUserService } from '../../user/test/user-service.ts';
import {
  leak,
  newestTask,
  outcomeOf,
  person,
  somebody,
  startProcessService,
  times,
} from './process-service.ts';

t.test('tasks of a repair', async (t) => {
  const parts = await testParts(t);
  await startUserService(t, parts);
  await startProcessService(t, parts);
  const sara = await person(parts, { name: 'Sara' });
  const mike = await person(parts, { name: 'Mike', role: 'repair' });
  const nils = await person(parts, { name: 'Nils', role: 'repair' });
  const admin = await person(parts, { name: 'Ada', role: 'admin' });

  /** A repair request of Sara's, and its first task. */
  const request = async () => {
    const instance = await sara.start();
    return { instance: instance.id, task: newestTask(instance) };
  };
  const history = async (id: number) =>
    (await admin.get(id)).history.entries.map(({ number, action, actor, task }) =>
      [number, action, actor?.name ?? '-', task?.name ?? '-'].join(' '),
    );

  t.test(
    'from the request over one that is sent back to the end, with all of it in the history',
    async (t) => {
      const started = await sara.start();
      t.match(started, {
        processName: 'repair_apply',
        version: 1,
        status: 'running',
        form: { ...leak, urgency: 'normal' },
        applicant: { id: sara.id, name: 'Sara' },
        tasks: [{ name: 'repair', status: 'open', candidateRole: 'repair', assignee: null }],
      });
      const repair = newestTask(started);
      t.match(await mike.claim(repair), {
        id: repair,
        name: 'repair',
        status: 'claimed',
        assignee: { id: mike.id, name: 'Mike' },
        formSchema: { required: ['report'] },
      });
      const reported = await mike.complete(repair, { report: 'New washer', extra: 1 });
      t.match(reported.tasks, [
        { name: 'repair', status: 'completed', assignee: { name: 'Mike' } },
        { name: 'confirm', status: 'claimed', candidateRole: null, assignee: { id: sara.id, name: 'Sara' } },
      ]);
      const sentBack = await sara.complete(newestTask(reported), { result: 'rejected', comment: 'Drips' });
      t.match(sentBack.tasks.at(-1), { name: 'repair', status: 'claimed', assignee: { id: mike.id } });
      const again = await mike.complete(newestTask(sentBack), { report: 'New tap' });
      const ended = await sara.complete(newestTask(again), { result: 'accepted' });
      t.equal(ended.status, 'completed');
      t.strictSame(
        ended.tasks.map(({ name, status }) => `${name} ${status}`),
        ['repair completed', 'confirm completed', 'repair completed', 'confirm completed'],
      );
      t.strictSame(await history(started.id), [
        '1 started Sara -',
        '2 opened - repair',
        '3 claimed Mike repair',
        '4 completed Mike repair',
        '5 opened - confirm',
        '6 assigned - confirm',
        '7 completed Sara confirm',
        '8 opened - repair',
        '9 assigned - repair',
        '10 completed Mike repair',
        '11 opened - confirm',
        '12 assigned - confirm',
        '13 completed Sara confirm',
        '14 completed - -',
      ]);
      const { entries } = (await mike.get(started.id)).history;
      t.strictSame(entries[3]?.details, { form: { report: 'New washer' } });
      t.strictSame(entries[13]?.details, { outcome: 'accepted' });
    },
  );

  t.test('of two who claim the second is told that it is taken', async (t) => {
    const { instance, task } = await request();
    await mike.claim(task);
    t.equal(await outcomeOf(nils.claim(task)), 'task-taken');
    t.equal((await mike.claim(task)).status, 'claimed');
    t.strictSame((await history(instance)).slice(2), ['3 claimed Mike repair']);
  });

  t.test('of 50 who claim at once one gets it', async (t) => {
    const workers = times(50, (index) =>
      somebody(parts, { accountId: 90_000_000 + index, role: 'repair', status: 'active' }),
    );
    const { instance, task } = await request();
    const answers = await Promise.all(workers.map((worker) => outcomeOf(worker.claim(task))));
    t.equal(answers.filter((answer) => answer === 'ok').length, 1);
    t.equal(answers.filter((answer) => answer === 'task-taken').length, 49);
    t.equal((await history(instance)).length, 3);
  });

  t.test('who has not the role of a task may not claim it, in whatever state it is', async (t) => {
    const { instance, task } = await request();
    const other = await person(parts);
    t.equal(await outcomeOf(other.claim(task)), 'not-allowed');
    t.equal(await outcomeOf(admin.claim(task)), 'not-allowed');
    await mike.claim(task);
    t.equal(await outcomeOf(other.claim(task)), 'not-allowed');
    await admin.cancel(instance);
    t.equal(await outcomeOf(other.claim(task)), 'not-allowed');
    t.equal(await outcomeOf(nils.claim(task)), 'task-finished');
    t.equal(await outcomeOf(mike.claim(task)), 'task-finished');
  });

  t.test('a task that was never made is unknown to each operation', async (t) => {
    const answers = [
      mike.claim(999_999),
      mike.release(999_999),
      mike.complete(999_999, { report: 'Done' }),
      mike.comment(999_999, 'Where?'),
      admin.assign(999_999, mike.id),
    ];
    t.strictSame(
      await Promise.all(answers.map(outcomeOf)),
      times(5, () => 'task-unknown'),
    );
  });

  t.test('a released task is there for others again', async (t) => {
    const { instance, task } = await request();
    t.equal(await outcomeOf(mike.release(task)), 'not-allowed');
    await mike.claim(task);
    t.equal(await outcomeOf(nils.release(task)), 'not-allowed');
    t.match(await mike.release(task), { status: 'open', assignee: null });
    t.equal((await nils.claim(task)).assignee?.name, 'Nils');
    t.strictSame((await history(instance)).slice(2), [
      '3 claimed Mike repair',
      '4 released Mike repair',
      '5 claimed Nils repair',
    ]);
    t.match(await mike.get(instance), { instance: { id: instance } }, 'who had it may still see it');
  });

  t.test('a task that was given to the applicant cannot be released', async (t) => {
    const { task } = await request();
    await mike.claim(task);
    const confirm = newestTask(await mike.complete(task, { report: 'Done' }));
    t.equal(await outcomeOf(sara.release(confirm)), 'not-allowed');
    t.equal(await outcomeOf(mike.claim(confirm)), 'not-allowed');
    t.equal((await sara.claim(confirm)).status, 'claimed', 'claiming what is one’s own is fine');
  });

  t.test('only who has a task completes it, once, with a form that fits', async (t) => {
    const { instance, task } = await request();
    t.equal(await outcomeOf(mike.complete(task, { report: 'Done' })), 'not-allowed');
    await mike.claim(task);
    t.equal(await outcomeOf(nils.complete(task, { report: 'Done' })), 'not-allowed');
    t.equal(await outcomeOf(admin.complete(task, { report: 'Done' })), 'not-allowed');
    t.equal(await outcomeOf(mike.complete(task, {})), 'input-invalid form.report');
    t.equal(await outcomeOf(mike.complete(task, { report: 'x'.repeat(2001) })), 'input-invalid form.report');
    t.equal(
      await outcomeOf(mike.complete(task, { report: 'x', more: 'x'.repeat(17_000) })),
      'input-invalid form',
    );
    t.strictSame((await history(instance)).length, 3, 'nothing of that left a trace');
    await mike.complete(task, { report: 'Done' });
    t.equal(await outcomeOf(mike.complete(task, { report: 'Done' })), 'task-finished');
    t.equal(await outcomeOf(mike.release(task)), 'task-finished');
    t.equal(await outcomeOf(nils.complete(task, { report: 'Done' })), 'not-allowed');
  });

  t.test('20 completes at once complete it once', async (t) => {
    const { instance, task } = await request();
    await mike.claim(task);
    const answers = await Promise.all(
      times(20, (index) => outcomeOf(mike.complete(task, { report: `Done ${index}` }))),
    );
    t.equal(answers.filter((answer) => answer === 'ok').length, 1);
    t.equal(answers.filter((answer) => answer === 'task-finished').length, 19);
    t.equal((await history(instance)).length, 6);
  });

  t.test('an admin gives a task to who may do it, and to another one', async (t) => {
    const { instance, task } = await request();
    t.equal(await outcomeOf(mike.assign(task, mike.id)), 'not-allowed');
    t.equal(await outcomeOf(admin.assign(task, 99_999_999)), 'account-unknown');
    t.equal(await outcomeOf(admin.assign(task, sara.id)), 'input-invalid assignee');
    const frozen = await person(parts, { role: 'repair' });
    await admin.call(userContracts.setStatus, { id: frozen.id, status: 'frozen' });
    t.equal(await outcomeOf(admin.assign(task, frozen.id)), 'input-invalid assignee');
    t.match(await admin.assign(task, mike.id), { status: 'claimed', assignee: { name: 'Mike' } });
    t.match(await admin.assign(task, nils.id), { status: 'claimed', assignee: { name: 'Nils' } });
    t.match(await admin.assign(task, nils.id), { status: 'claimed', assignee: { name: 'Nils' } });
    t.equal(await outcomeOf(mike.complete(task, { report: 'Done' })), 'not-allowed');
    const confirm = newestTask(await nils.complete(task, { report: 'Done' }));
    t.equal(await outcomeOf(admin.assign(task, nils.id)), 'task-finished');
    t.equal(await outcomeOf(admin.assign(confirm, nils.id)), 'input-invalid assignee');
    t.equal((await admin.assign(confirm, sara.id)).assignee?.name, 'Sara');
    t.strictSame((await history(instance)).slice(2, 4), ['3 assigned Ada repair', '4 assigned Ada repair']);
    t.equal((await history(instance)).length, 7, 'giving it again to who has it is no event');
  });

  t.test('comments are for whoever may see the instance, also when it is finished', async (t) => {
    const { instance, task } = await request();
    t.equal(await outcomeOf(mike.comment(task, 'Mine?')), 'not-allowed');
    await mike.claim(task);
    t.equal((await mike.comment(task, 'On my way')).id, task);
    await sara.comment(task, '请快一点 🙏');
    await admin.cancel(instance);
    await admin.comment(task, 'Nobody was there');
    const { entries } = (await sara.get(instance)).history;
    t.strictSame(
      entries.filter(({ action }) => action === 'commented').map(({ details }) => details),
      [{ text: 'On my way' }, { text: '请快一点 🙏' }, { text: 'Nobody was there' }],
    );
  });

  t.test('a task that is sent back goes to whoever takes it when its worker cannot', async (t) => {
    const leaver = await person(parts, { name: 'Leaver', role: 'repair' });
    const { task } = await request();
    await leaver.claim(task);
    const confirm = newestTask(await leaver.complete(task, { report: 'Done' }));
    await admin.call(userContracts.setStatus, { id: leaver.id, status: 'frozen' });
    const sentBack = await sara.complete(confirm, { result: 'rejected' });
    t.match(sentBack.tasks.at(-1), { name: 'repair', status: 'open', assignee: null });
    t.equal((await nils.claim(newestTask(sentBack))).status, 'claimed');
  });

  t.test('an account that waits for its audit, and nobody at all, may do nothing', async (t) => {
    const { instance, task } = await request();
    const waiting = somebody(parts, { accountId: mike.id, role: 'repair', status: 'pending' });
    const nobody = somebody(parts, undefined);
    for (const one of [waiting, nobody]) {
      const answers = [
        one.start(),
        one.claim(task),
        one.release(task),
        one.complete(task, {}),
        one.cancel(instance),
      ];
      t.strictSame(
        await Promise.all(answers.map(outcomeOf)),
        times(5, () => 'not-allowed'),
      );
      t.equal(await outcomeOf(one.comment(task, 'Hm')), 'not-allowed');
      t.equal(await outcomeOf(one.assign(task, mike.id)), 'not-allowed');
      t.equal(await outcomeOf(one.get(instance)), 'not-allowed');
    }
  });
});
