import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { newestTask } from './harness/mini-program.ts';
import { startRepairPlatform } from './harness/repair-platform.ts';

const { somebody, clock } = await startRepairPlatform(t);
const [zhang, li, wang, stranger, admin] = await Promise.all([
  somebody('zhang'),
  somebody('li', 'repair'),
  somebody('wang', 'repair'),
  somebody('nobody-in-it'),
  somebody('admin', 'admin'),
]);
const leak = { title: '水管漏水', description: '整夜滴水', location: '3号楼201' };

t.test('a repair request, from the application to the confirmed repair', async (t) => {
  const badly = await zhang.apply({ description: '整夜滴水', location: '3号楼201' });
  t.strictSame(badly, { status: 200, code: -1, msg: '参数错误：form.title', data: {} });

  const { data: applied, ...rest } = await zhang.apply({ ...leak, of: 'no field' });
  t.strictSame(rest, { status: 200, code: 0, msg: 'success' });
  const repair = newestTask(applied);
  const { form_schema } = repair;
  t.match(form_schema, { required: ['report'] });
  t.strictSame(applied, {
    id: applied.id,
    process_name: 'repair_apply',
    version: 1,
    status: 'running',
    form: { ...leak, urgency: 'normal' },
    applicant: { id: zhang.id, name: 'zhang' },
    created_at: '2026-11-21 12:00:00',
    modified_at: '2026-11-21 12:00:00',
    tasks: [
      {
        id: repair.id,
        name: 'repair',
        status: 'open',
        candidate_role: 'repair',
        assignee: null,
        form_schema,
        due_at: '2026-11-24 12:00:00',
      },
    ],
  });

  await t.test('both workers find it in their inbox, with what they must know to take it', async (t) => {
    for (const worker of [li, wang]) {
      const { data } = await worker.inbox();
      t.match(data, { total: 1, page: 1, per_page: 15 });
      t.match(data.items, [
        {
          id: repair.id,
          status: 'open',
          instance: { id: applied.id, form: leak, applicant: { name: 'zhang' } },
        },
      ]);
    }
    t.match((await zhang.inbox()).data, { total: 0, items: [] });
  });

  const claims = await Promise.all([li.claim(repair.id), wang.claim(repair.id)]);
  const [worker, late] = claims[0].code === 0 ? [li, wang] : [wang, li];

  await t.test('both take it at once: one gets it, and the other is told that it is taken', async (t) => {
    const [got, taken] = claims[0].code === 0 ? claims : [claims[1], claims[0]];
    t.match(got, { status: 200, code: 0, data: { id: repair.id, status: 'claimed' } });
    t.strictSame(got.data.assignee, { id: worker.id, name: worker.name });
    t.strictSame(taken, { status: 200, code: -7, msg: '任务已被他人领取', data: {} });
    t.match(await worker.claim(repair.id), { code: 0 }, "to take one's own again is fine");
    t.match((await late.inbox()).data, { total: 0 });
  });

  await t.test('it is too late to cancel, and it is nobody else to report', async (t) => {
    t.strictSame(await zhang.cancel(applied.id), {
      status: 200,
      code: -7,
      msg: '已有人受理，不能再取消',
      data: {},
    });
    for (const other of [late, zhang, stranger]) {
      t.strictSame(await other.complete(repair.id, { report: '已修好' }), {
        status: 403,
        code: -6,
        msg: '没有权限',
        data: {},
      });
    }
    t.match(await worker.complete(repair.id, {}), { code: -1, msg: '参数错误：form.report' });
  });

  const reported = await worker.complete(repair.id, { report: '换了密封圈' });
  const confirm = newestTask(reported.data);

  await t.test('the report waits for the confirmation of who applied', async (t) => {
    t.match(reported, { status: 200, code: 0, data: { status: 'running' } });
    t.strictSame(
      reported.data.tasks.map(({ name, status, assignee }) => [name, status, assignee?.name]),
      [
        ['repair', 'completed', worker.name],
        ['confirm', 'claimed', 'zhang'],
      ],
    );
    t.match((await zhang.inbox()).data.items, [{ id: confirm.id, name: 'confirm' }]);
    t.match(await worker.complete(repair.id, { report: '又修好' }), { code: -7, msg: '任务已结束' });
    t.match(await worker.complete(confirm.id, { result: 'accepted' }), { code: -6 });
    t.match(await zhang.complete(confirm.id, { result: 'maybe' }), {
      code: -1,
      msg: '参数错误：form.result',
    });
  });

  const sentBack = await zhang.complete(confirm.id, { result: 'rejected', comment: '还在滴水' });
  const again = newestTask(sentBack.data);

  await t.test('sent back, it is the same worker to repair it again', async (t) => {
    t.match(again, { name: 'repair', status: 'claimed', assignee: { id: worker.id } });
    t.not(again.id, repair.id);
    t.match((await worker.inbox()).data.items, [{ id: again.id, instance: { id: applied.id } }]);
    t.match(await late.claim(again.id), { code: -7, msg: '任务已被他人领取' });
  });

  const { data: repaired } = await worker.complete(again.id, { report: '换了水管' });
  clock.advance(60_000);
  const accepted = await zhang.complete(newestTask(repaired).id, { result: 'accepted' });

  await t.test('accepted, it is finished', async (t) => {
    t.match(accepted, { status: 200, code: 0, data: { status: 'completed' } });
    t.equal(accepted.data.modified_at, '2026-11-21 12:01:00');
    t.match(await zhang.cancel(applied.id), { code: -7, msg: '流程已结束' });
    t.match(await admin.cancel(applied.id), { code: -7, msg: '流程已结束' });
    t.match(await admin.assign(again.id, late.id), { code: -7, msg: '任务已结束' });
    t.match((await worker.inbox()).data, { total: 0 });
  });

  await t.test('all of it stands in the history, for who had a part in it', async (t) => {
    for (const person of [zhang, worker, admin]) {
      const { data } = await person.look(applied.id);
      t.match(data, { id: applied.id, status: 'completed' });
      const lines = data.history.items.map(({ action, actor, task }) => [
        actor?.name ?? 'platform',
        action,
        task?.name ?? 'instance',
      ]);
      t.strictSame(lines, [
        ['zhang', 'started', 'instance'],
        ['platform', 'opened', 'repair'],
        [worker.name, 'claimed', 'repair'],
        [worker.name, 'completed', 'repair'],
        ['platform', 'opened', 'confirm'],
        ['platform', 'assigned', 'confirm'],
        ['zhang', 'completed', 'confirm'],
        ['platform', 'opened', 'repair'],
        ['platform', 'assigned', 'repair'],
        [worker.name, 'completed', 'repair'],
        ['platform', 'opened', 'confirm'],
        ['platform', 'assigned', 'confirm'],
        ['zhang', 'completed', 'confirm'],
        ['platform', 'completed', 'instance'],
      ]);
      t.match(data.history, { total: 14, page: 1, per_page: 50 });
      t.match(data.history.items[3], {
        number: 4,
        at: '2026-11-21 12:00:00',
        details: { form: { report: '换了密封圈' } },
      });
      t.match(data.history.items[6]?.details, { form: { result: 'rejected', comment: '还在滴水' } });
      t.strictSame(data.history.items[13]?.details, { outcome: 'accepted' });
    }
    for (const other of [late, stranger]) {
      t.match(await other.look(applied.id), { status: 403, code: -6, data: {} });
    }
  });
});

t.test('a request is cancelled by who applied until it is taken, and by an admin always', async (t) => {
  const { data: first } = await zhang.apply(leak);
  t.match(await stranger.cancel(first.id), { status: 403, code: -6 });
  t.match(await zhang.cancel(first.id), {
    code: 0,
    data: { status: 'cancelled', tasks: [{ status: 'cancelled' }] },
  });
  t.match(await zhang.cancel(first.id), { code: -7, msg: '流程已结束' });
  t.match(await li.claim(newestTask(first).id), { code: -7, msg: '任务已结束' });

  const { data: second } = await zhang.apply(leak);
  await li.claim(newestTask(second).id);
  t.match(await li.release(newestTask(second).id), { code: 0, data: { status: 'open', assignee: null } });
  t.match(await zhang.cancel(second.id), { code: -7, msg: '已有人受理，不能再取消' });
  t.match(await admin.cancel(second.id), { code: 0, data: { status: 'cancelled' } });
  t.match(await zhang.cancel(999_999), { status: 200, code: -1, msg: '没有此流程实例' });
});

t.test('an admin gives a task to a worker, who has it then and may give it back', async (t) => {
  const { data: applied } = await zhang.apply(leak);
  const { id } = newestTask(applied);
  t.match(await li.assign(id, wang.id), { status: 403, code: -6 });
  t.strictSame(await admin.assign(id, 99_999_999), {
    status: 200,
    code: -1,
    msg: '参数错误：assignee',
    data: {},
  });
  t.match(await admin.assign(id, zhang.id), { code: -1, msg: '参数错误：assignee' }, 'no worker');
  t.match(await admin.assign(id, li.id), { code: 0, data: { status: 'claimed', assignee: { name: 'li' } } });
  t.match(await admin.assign(id, wang.id), { code: 0, data: { assignee: { name: 'wang' } } });
  t.match(await li.release(id), { status: 403, code: -6 });
  t.match(await wang.comment(id, '明天来'), { code: 0, data: { id } });
  t.match(await stranger.comment(id, '明天来'), { status: 403, code: -6 });
  t.match(await wang.release(id), { code: 0, data: { status: 'open' } });
  t.match(await li.claim(id), { code: 0 });
  const { data } = await zhang.look(applied.id);
  t.strictSame(
    data.history.items.map(({ action, actor, details }) => [actor?.name, action, details]),
    [
      ['zhang', 'started', {}],
      [undefined, 'opened', {}],
      ['admin', 'assigned', { assignee_id: li.id }],
      ['admin', 'assigned', { assignee_id: wang.id }],
      ['wang', 'commented', { text: '明天来' }],
      ['wang', 'released', {}],
      ['li', 'claimed', {}],
    ],
  );
  t.match(await admin.cancel(applied.id), { code: 0 });
});

t.test('a request whose time has come is overdue, once', async (t) => {
  const { data: applied } = await zhang.apply({ ...leak, expected_at: '2026-11-21T14:00:00+08:00' });
  t.equal(newestTask(applied).due_at, '2026-11-21 14:00:00');
  const overdue = async () =>
    (await zhang.look(applied.id)).data.history.items.filter(({ action }) => action === 'overdue');
  t.strictSame(await overdue(), []);
  clock.advance(2 * 3_600_000);
  await until('it is overdue', async () => (await overdue()).length > 0);
  t.match(await overdue(), [
    { actor: null, task: { name: 'repair' }, details: { due_at: '2026-11-21 14:00:00' } },
  ]);
  t.match(await li.claim(newestTask(applied).id), { code: 0 }, 'and can be done all the same');
  t.equal((await overdue()).length, 1);
});

t.test('a request that is sent again with its key is the same one', async (t) => {
  const key = { 'idempotency-key': 'a-key' };
  const { data: applied } = await stranger.apply(leak, key);
  const repeated = await Promise.all(Array.from({ length: 5 }, () => stranger.apply(leak, key)));
  for (const { code, data } of repeated) t.strictSame([code, data.id], [0, applied.id]);
  t.strictSame(await stranger.apply({ ...leak, title: '灯不亮' }, key), {
    status: 200,
    code: -1,
    msg: 'Idempotency-Key已用于另一请求',
    data: {},
  });
  t.not((await zhang.apply(leak, key)).data.id, applied.id, "another's key is another");
  const { data } = await stranger.get<{ total: number }>('/api/process/instance');
  t.match(data, { total: 1, items: [{ id: applied.id }] });
});
