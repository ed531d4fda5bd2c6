import { userContracts } from '@vestibule/shared/contracts/user';
import { codeOf } from '@vestibule/shared/errors';
import { publish } from '@vestibule/shared/test/publishing';
import t from 'tap';
import { openReviews } from './account-reviews.ts';
import { newestTask, person, times } from './process-service.ts';

t.test('the review of an account that waits for its audit', async (t) => {
  const platform = await openReviews(t);
  const { parts, admin, reviewOf, signUp, history, over, statusOf, setStatus, audit } = platform;
  const { told, endsTold } = platform;

  t.test('lies in the inbox of admins from the sign-up on', async (t) => {
    const nora = await signUp();
    const review = await reviewOf(nora);
    t.match(review, {
      processName: 'account_review',
      status: 'running',
      form: {},
      applicant: { id: nora.id, name: 'Nora' },
      tasks: [{ name: 'review', status: 'open', candidateRole: 'admin', assignee: null }],
    });
    t.match((await admin.inbox()).tasks, [{ id: newestTask(review), instance: { id: review.id } }]);
    t.strictSame(await history(review.id), ['- started', '- opened review']);
    await admin.cancel(review.id);
  });

  t.test('is not there for an account that is active from the start', async (t) => {
    const active = await person(parts, { name: 'Nils' });
    const waiting = await signUp();
    await reviewOf(waiting);
    t.strictSame((await active.list()).instances, []);
  });

  for (const [result, status, action] of [
    ['approved', 'active', 'audit-account'],
    ['rejected', 'frozen', 'reject-account'],
  ] as const) {
    t.test(`that is ${result} makes the account ${status} within the same answer`, async (t) => {
      const nora = await signUp();
      const review = await reviewOf(nora);
      const task = newestTask(review);
      await admin.claim(task);
      const answer = await admin.complete(task, { result });
      t.match(answer, { status: 'completed', tasks: [{ name: 'review', status: 'completed' }] });
      t.equal(await statusOf(nora.id), status);
      t.strictSame(await history(review.id), [
        '- started',
        '- opened review',
        'Ada claimed review',
        'Ada completed review',
        `- done ${action}`,
        `- completed ${result}`,
      ]);
      await t.rejects(audit(nora.id), { code: 'account-not-pending' });
    });
  }

  for (const [what, end, status, last] of [
    ["accounts' audit", (id: number) => audit(id), 'completed', '- completed approved'],
    ["charity's '0'", (id: number) => setStatus(id, 'active'), 'completed', '- completed approved'],
    ["charity's '1'", (id: number) => setStatus(id, 'frozen'), 'completed', '- completed rejected'],
    ["charity's '2'", (id: number) => setStatus(id, 'deleted'), 'cancelled', '- cancelled'],
    [
      "accounts' deletion",
      (id: number) => admin.call(userContracts.remove, { id }),
      'cancelled',
      '- cancelled',
    ],
  ] as const) {
    t.test(`is finished by ${what}, and leaves nothing to do`, async (t) => {
      const nora = await signUp();
      const review = await reviewOf(nora);
      const task = newestTask(review);
      await admin.claim(task);
      await end(nora.id);
      t.match(await over(review.id), { status, tasks: [{ status: 'cancelled' }] });
      t.strictSame(await history(review.id), [
        '- started',
        '- opened review',
        'Ada claimed review',
        '- cancelled review',
        last,
      ]);
      await t.rejects(admin.complete(task, { result: 'rejected' }), { code: 'task-finished' });
      t.notOk((await admin.inbox()).tasks.some(({ id }) => id === task));
    });
  }

  t.test('is started once, however often its event comes', async (t) => {
    const nora = await signUp();
    const review = await reviewOf(nora);
    const created = await told('account.created', nora.id);
    const reviews = async () => (await nora.list()).instances.map(({ id }) => id);
    await Promise.all(times(5, () => publish(parts.events, created)));
    t.strictSame(await reviews(), [review.id]);
    // Now only that the event is known keeps another one from being started.
    await admin.cancel(review.id);
    await publish(parts.events, created);
    t.strictSame(await reviews(), [review.id]);
  });

  t.test('of many at once, half by the task and half elsewhere, ends once each', async (t) => {
    const reviews = await Promise.all(
      times(50, async (index) => {
        const nora = await signUp();
        const { id, tasks } = await reviewOf(nora);
        const task = newestTask({ tasks });
        await admin.claim(task);
        return { nora, id, task, result: index % 3 === 0 ? 'rejected' : 'approved' };
      }),
    );
    await Promise.all(
      reviews.flatMap(({ nora, task, result }) => [
        admin.complete(task, { result }).catch(codeOf),
        audit(nora.id).catch(codeOf),
      ]),
    );
    for (const { nora, id } of reviews) {
      await over(id);
      const status = await statusOf(nora.id);
      const lines = await history(id);
      const expected = status === 'active' ? 'approved' : 'rejected';
      t.equal(lines.at(-1), `- completed ${expected}`, lines.join(', '));
      t.equal(lines.filter((line) => / completed (approved|rejected)$/.test(line)).length, 1);
      await told('process.completed', nora.id);
      t.strictSame(endsTold(id), ['process.completed']);
    }
  });
});
