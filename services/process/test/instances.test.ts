import { processContracts } from '@vestibule/shared/contracts/process';
import { userContracts } from '@vestibule/shared/contracts/user';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { startUserService } from '../../user/test/user-service.ts';
import {
  leak,
  newestTask,
  openTables,
  outcomeOf,
  person,
  somebody,
  startProcessService,
  times,
} from './process-service.ts';

const hourMs = 3_600_000;

t.test('instances and who begins and ends them', async (t) => {
  const clock = movableClock();
  const parts = await testParts(t, { clock });
  await startUserService(t, parts);
  await startProcessService(t, parts);
  const db = await openTables(parts);
  const sara = await person(parts, { name: 'Sara' });
  const mike = await person(parts, { name: 'Mike', role: 'repair' });
  const admin = await person(parts, { name: 'Ada', role: 'admin' });
  const countOf = async () => (await sara.list()).total;

  t.test('what may not be started is not', async (t) => {
    const before = await countOf();
    t.equal(await outcomeOf(sara.start(leak, 'coffee')), 'process-unknown');
    t.equal(await outcomeOf(sara.start({}, 'account_review')), 'process-unknown');
    t.equal(await outcomeOf(sara.start({}, 'account_closure')), 'process-unknown');
    t.equal(await outcomeOf(sara.start({ ...leak, title: '' })), 'input-invalid form.title');
    t.equal(await outcomeOf(sara.start({ ...leak, urgency: 'now' })), 'input-invalid form.urgency');
    t.equal(await outcomeOf(sara.start({ ...leak, title: 'a\u0000b' })), 'input-invalid form.title');
    t.equal(await outcomeOf(sara.start({ ...leak, more: 'x'.repeat(16_384) })), 'input-invalid form');
    t.equal(await countOf(), before);
  });

  t.test('a task is due when its applicant expects it, else three days after', async (t) => {
    const [task] = (await sara.start()).tasks;
    t.equal(task?.dueAt, '2027-01-18T08:00:00.000Z');
    const expected = await sara.start({ ...leak, expected_at: '2027-01-16T12:00:00+08:00' });
    t.equal(expected.tasks[0]?.dueAt, '2027-01-16T04:00:00.000Z');
    const row = await db
      .selectFrom('tasks')
      .select('remind_at')
      .where('id', '=', newestTask(expected))
      .executeTakeFirstOrThrow();
    t.equal(row.remind_at?.toISOString(), '2027-01-16T00:00:00.000Z');
  });

  t.test('an applicant cancels until somebody has claimed it, an admin always', async (t) => {
    const free = await sara.start();
    t.equal(await outcomeOf(mike.cancel(free.id)), 'not-allowed');
    t.match(await sara.cancel(free.id), { status: 'cancelled', tasks: [{ status: 'cancelled' }] });
    t.equal(await outcomeOf(sara.cancel(free.id)), 'instance-finished');
    t.equal(await outcomeOf(admin.cancel(free.id)), 'instance-finished');
    t.equal(await outcomeOf(sara.cancel(999_999)), 'instance-unknown');

    const taken = await sara.start();
    await mike.claim(newestTask(taken));
    t.equal(await outcomeOf(sara.cancel(taken.id)), 'instance-claimed');
    await mike.release(newestTask(taken));
    t.equal(await outcomeOf(sara.cancel(taken.id)), 'instance-claimed', 'also when it was released');
    t.equal((await admin.cancel(taken.id)).status, 'cancelled');
    t.equal(await outcomeOf(mike.cancel(taken.id)), 'not-allowed');
  });

  t.test('one’s own claim does not keep an applicant from cancelling', async (t) => {
    const own = await mike.start();
    await mike.claim(newestTask(own));
    t.equal((await mike.cancel(own.id)).status, 'cancelled');
  });

  t.test('of a claim and a cancel at the same time one happens', async (t) => {
    for (const _ of times(20, () => null)) {
      const { id, tasks } = await sara.start();
      const task = newestTask({ tasks });
      const [cancelled, claimed] = await Promise.all([
        outcomeOf(sara.cancel(id)),
        outcomeOf(mike.claim(task)),
      ]);
      const { instance, history } = await sara.get(id);
      if (cancelled === 'ok') t.strictSame([claimed, instance.status], ['task-finished', 'cancelled']);
      else t.strictSame([cancelled, claimed, instance.status], ['instance-claimed', 'ok', 'running']);
      t.strictSame(
        history.entries.map(({ number }) => number),
        times(history.total, (index) => index + 1),
      );
    }
  });

  t.test('a key gets the first answer again for a day, for its account and its body', async (t) => {
    const first = await sara.start(leak, 'repair_apply', 'key-1');
    await mike.claim(newestTask(first));
    const again = await sara.start(leak, 'repair_apply', 'key-1');
    t.strictSame(again, first, 'also when it has moved on');
    const other = { ...leak, title: 'Another' };
    t.equal(await outcomeOf(sara.start(other, 'repair_apply', 'key-1')), 'idempotency-conflict');
    t.not((await mike.start(leak, 'repair_apply', 'key-1')).id, first.id, 'each account has its own keys');
    clock.advance(24 * hourMs - 1);
    t.equal((await sara.start(leak, 'repair_apply', 'key-1')).id, first.id);
    clock.advance(1);
    t.not((await sara.start(other, 'repair_apply', 'key-1')).id, first.id);
    t.equal(await outcomeOf(sara.start(leak, 'repair_apply', 'key-1')), 'idempotency-conflict');
  });

  t.test('a start that is refused does not take its key', async (t) => {
    t.equal(await outcomeOf(sara.start({}, 'repair_apply', 'key-2')), 'input-invalid form.title');
    t.equal(await outcomeOf(sara.start(leak, 'repair_apply', 'key-2')), 'ok');
  });

  t.test('30 starts at once with one key make one instance', async (t) => {
    const before = await countOf();
    const started = await Promise.all(times(30, () => sara.start(leak, 'repair_apply', 'key-3')));
    t.equal(new Set(started.map(({ id }) => id)).size, 1);
    t.equal(await countOf(), before + 1);
  });

  t.test('30 starts at once with one key and different bodies make one instance', async (t) => {
    const before = await countOf();
    const answers = await Promise.all(
      times(30, (index) => outcomeOf(sara.start({ ...leak, title: `${index}` }, 'repair_apply', 'key-4'))),
    );
    t.equal(answers.filter((answer) => answer === 'ok').length, 1);
    t.equal(answers.filter((answer) => answer === 'idempotency-conflict').length, 29);
    t.equal(await countOf(), before + 1);
  });

  t.test('an account asks for its deletion once at a time', async (t) => {
    const { requestClosing } = processContracts;
    const leaver = await person(parts, { name: 'Leaver' });
    const asked = await Promise.all(
      times(10, () => outcomeOf(leaver.call(requestClosing, { reason: '不再使用' }))),
    );
    t.equal(asked.filter((answer) => answer === 'ok').length, 1);
    t.equal(asked.filter((answer) => answer === 'process-running').length, 9);
    const [closing] = (await leaver.list()).instances;
    t.match(closing, { processName: 'account_closure', form: { reason: '不再使用' }, status: 'running' });
    await leaver.cancel(closing?.id ?? 0);
    t.match(await leaver.call(requestClosing, {}), { form: {}, status: 'running' });
  });

  t.test('a deletion that an admin approves is done when the answer comes', async (t) => {
    const leaver = await person(parts, { name: 'Leaver' });
    const closing = await leaver.call(processContracts.requestClosing, {});
    await admin.claim(newestTask(closing));
    const decided = await admin.complete(newestTask(closing), { result: 'approved' });
    t.equal(decided.status, 'completed');
    t.equal((await admin.call(userContracts.get, { id: leaver.id })).status, 'deleted');
  });

  t.test('an instance stays on the version that it was started with', async (t) => {
    const old = await sara.start();
    const definition = {
      name: 'repair_apply',
      title: '报修申请',
      form: { type: 'object', properties: { subject: { type: 'string', maxLength: 10 } } },
      start: { by: 'client' },
      first: 'fix',
      steps: {
        fix: {
          kind: 'task',
          title: 'Fix',
          form: { type: 'object', properties: {} },
          candidateRole: 'volunteer',
          next: [{ to: 'done' }],
        },
        done: { kind: 'end', title: 'Done', outcome: 'fixed' },
      },
    };
    const deployed = await admin.call(processContracts.deploy, { definition });
    t.strictSame(deployed, { name: 'repair_apply', version: 2 });
    const young = await sara.start({ subject: 'Tap' });
    t.match(young, { version: 2, tasks: [{ name: 'fix', candidateRole: 'volunteer' }] });
    t.match(await mike.claim(newestTask(old)), { formSchema: { required: ['report'] } });
    const reported = await mike.complete(newestTask(old), { report: 'Done' });
    t.match(reported, { version: 1, tasks: [{ name: 'repair' }, { name: 'confirm' }] });
    const helper = somebody(parts, { accountId: 90_000_001, role: 'volunteer', status: 'active' });
    await helper.claim(newestTask(young));
    t.equal((await helper.complete(newestTask(young), {})).status, 'completed');
  });
});

t.test('with the user service away nothing is answered, and nothing was done', async (t) => {
  const parts = await testParts(t);
  const users = await startUserService(t, parts);
  await startProcessService(t, parts);
  const sara = await person(parts);
  const mike = await person(parts, { role: 'repair' });
  const running = await sara.start();
  const task = newestTask(running);
  await users.close();
  const db = await openTables(parts);
  const stateOf = async () => ({
    instances: await db.selectFrom('instances').selectAll().execute(),
    tasks: await db.selectFrom('tasks').selectAll().execute(),
  });
  const before = await stateOf();
  const answers = [
    sara.start(),
    mike.claim(task),
    sara.cancel(running.id),
    sara.list(),
    sara.get(running.id),
    mike.inbox(),
    sara.call(processContracts.export, { page: 1 }),
  ];
  t.strictSame(
    await Promise.all(answers.map(outcomeOf)),
    times(7, () => 'unavailable'),
  );
  t.strictSame(await stateOf(), before);
});
