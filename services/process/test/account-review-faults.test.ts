import type { EventKind } from '@vestibule/shared/contracts/event';
import { processContracts } from '@vestibule/shared/contracts/process';
import { AppError } from '@vestibule/shared/errors';
import type { Parts } from '@vestibule/shared/parts';
import t from 'tap';
import { openReviews } from './account-reviews.ts';
import { newestTask, person } from './process-service.ts';

/** What stands between the process service and the others: calls and events that do not get through. */
function faults() {
  const state = {
    /** Its calls are not sent. */
    away: null as string | null,
    /** Its calls are done, and the answers lost. */
    answerLost: null as string | null,
    deaf: null as EventKind | null,
    calls: 0,
  };
  return {
    state,
    between: (parts: Parts): Parts => ({
      ...parts,
      bus: {
        ...parts.bus,
        async call(contract, input, context) {
          if (contract.subject === state.away) throw new AppError('unavailable');
          const answer = await parts.bus.call(contract, input, context);
          if (contract.subject === state.answerLost) {
            state.calls += 1;
            throw new AppError('deadline-passed');
          }
          return answer;
        },
      },
      events: {
        ...parts.events,
        consume: (consumer) =>
          parts.events.consume({
            ...consumer,
            async handle(event) {
              if (event.kind !== state.deaf) await consumer.handle(event);
            },
          }),
      },
    }),
  };
}

t.test('an action whose answer is lost was done, and is not done again', async (t) => {
  const { state, between } = faults();
  state.deaf = 'account.status-changed';
  const { admin, reviewOf, signUp, history, over, statusOf } = await openReviews(t, { between });
  const nora = await signUp();
  const review = await reviewOf(nora);
  const task = newestTask(review);
  await admin.claim(task);
  state.answerLost = 'user.audit';
  t.match(await admin.complete(task, { result: 'approved' }), {
    status: 'running',
    tasks: [{ name: 'review', status: 'completed' }],
  });
  t.equal(await statusOf(nora.id), 'active');
  t.match(await over(review.id), { status: 'completed' });
  t.equal(state.calls, 1, 'the repeat is refused by the user service, and is an answer too');
  t.strictSame((await history(review.id)).slice(-3), [
    'Ada completed review',
    '- done audit-account',
    '- completed approved',
  ]);
});

t.test('the event of an action is its answer, when no other one gets through', async (t) => {
  const { state, between } = faults();
  const { admin, reviewOf, signUp, history, over } = await openReviews(t, { between });
  const nora = await signUp();
  const review = await reviewOf(nora);
  await admin.claim(newestTask(review));
  state.answerLost = 'user.audit';
  const completing = admin.complete(newestTask(review), { result: 'approved' });
  state.away = 'user.get';
  await completing.catch(() => undefined);
  t.match(await over(review.id), { status: 'completed' });
  t.strictSame((await history(review.id)).slice(-3), [
    'Ada completed review',
    '- done audit-account',
    '- completed approved',
  ]);
});

t.test('an action that finds the user service away is done when it is back, by any replica', async (t) => {
  const { state, between } = faults();
  const { admin, reviewOf, signUp, history, over, instanceOf, statusOf, eventually, attemptsOf } =
    await openReviews(t, { between, replicas: 2 });
  const nora = await signUp();
  const review = await reviewOf(nora);
  await admin.claim(newestTask(review));
  state.away = 'user.reject';
  await admin.complete(newestTask(review), { result: 'rejected' });
  await eventually('it was tried twice', async () => (await attemptsOf(review.id)) >= 2);
  t.match(await instanceOf(review.id), { status: 'running' });
  t.equal(await statusOf(nora.id), 'pending');
  state.away = null;
  t.match(await over(review.id), { status: 'completed' });
  t.equal(await statusOf(nora.id), 'frozen');
  t.strictSame((await history(review.id)).slice(-3), [
    'Ada completed review',
    '- done reject-account',
    '- completed rejected',
  ]);
});

t.test('a rejection that an audit elsewhere was quicker than ends as approved', async (t) => {
  const { state, between } = faults();
  state.deaf = 'account.status-changed';
  const { admin, reviewOf, signUp, history, over, audit, statusOf } = await openReviews(t, { between });
  const nora = await signUp();
  const review = await reviewOf(nora);
  await admin.claim(newestTask(review));
  await audit(nora.id);
  t.match(await admin.complete(newestTask(review), { result: 'rejected' }), { status: 'completed' });
  await over(review.id);
  t.equal(await statusOf(nora.id), 'active');
  t.strictSame((await history(review.id)).slice(-3), [
    'Ada completed review',
    '- refused reject-account',
    '- completed approved',
  ]);
});

t.test('an action that may not be done is told, and its process ends', async (t) => {
  const { admin, history, over, statusOf } = await openReviews(t);
  const closing = await admin.call(processContracts.requestClosing, { reason: 'Moving on' });
  await admin.claim(newestTask(closing));
  await admin.complete(newestTask(closing), { result: 'approved' });
  t.match(await over(closing.id), { status: 'completed' });
  t.equal(await statusOf(admin.id), 'active');
  t.strictSame((await history(closing.id)).slice(-3), [
    'Ada completed decide',
    '- refused remove-account',
    '- completed refused',
  ]);
});

t.test('the wish to be deleted is granted in the name of who decides', async (t) => {
  const { parts, admin, history, over, statusOf, told } = await openReviews(t);
  const nora = await person(parts, { name: 'Nora' });
  const closing = await nora.call(processContracts.requestClosing, {});
  await admin.claim(newestTask(closing));
  t.match(await admin.complete(newestTask(closing), { result: 'approved' }), { status: 'completed' });
  await over(closing.id);
  t.equal(await statusOf(nora.id), 'deleted');
  t.strictSame((await history(closing.id)).slice(-3), [
    'Ada completed decide',
    '- done remove-account',
    '- completed removed',
  ]);
  t.match(await told('account.status-changed', nora.id), {
    actorId: admin.id,
    data: { accountId: nora.id, from: 'active', to: 'deleted' },
  });
});
