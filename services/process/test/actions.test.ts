import { AppError } from '@vestibule/shared/errors';
import { createOutboxWriter } from '@vestibule/shared/outbox/outbox-writer';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import t, { type Test } from 'tap';
import type { AccountActions, Performed } from '../src/account-actions.ts';
import { createActions } from '../src/actions.ts';
import { createActionsRepository } from '../src/actions-repository.ts';
import { createChangesRepository } from '../src/changes-repository.ts';
import { checkDefinition } from '../src/definition-rules.ts';
import { createMoves } from '../src/moves.ts';
import { createMovesRepository } from '../src/moves-repository.ts';
import { readShipped, shippedFolder } from '../src/shipped-definitions.ts';
import type { ProcessTables } from '../src/tables.ts';
import { openTables } from './process-service.ts';

const applicant = 20_000_001;
const source = { requestId: 'a-request' };

/** An instance that waits for the audit of its applicant, and replicas whose calls `perform` answers. */
async function openActions(t: Test, headStart: 'over' | 'running' = 'over') {
  const clock = movableClock();
  const parts = await testParts(t, { clock });
  const db = await openTables(parts);
  const repository = createMovesRepository({ db });
  const outbox = createOutboxWriter<ProcessTables>({ clock });
  const moves = createMoves({ repository, changes: createChangesRepository(), outbox, clock });
  const [definition] = (await readShipped(shippedFolder))
    .map(checkDefinition)
    .filter(({ name }) => name === 'account_review');
  if (definition === undefined) throw new Error('the review is not shipped');
  const id = await repository.transaction((tx) =>
    moves.startFor(tx, { version: 1, definition, applicantId: applicant, form: {} }, source),
  );
  if (id === null) throw new Error('the review is not started');
  await repository.transaction(async (tx) => {
    const visit = await moves.visit(tx, id, source);
    const { id: taskId } = await tx.selectFrom('tasks').select('id').executeTakeFirstOrThrow();
    const on = { definition, form: {}, branch: { to: 'audit' }, lastWorkerId: null };
    if (visit) await moves.complete(visit, await repository.task(tx, taskId), on);
    await visit?.leave();
  });
  const replica = (perform: AccountActions['perform']) =>
    createActions({
      repository: createActionsRepository({ db }),
      accountActions: { perform },
      moves,
      definitions: { version: async () => definition },
      outbox: { wake() {} },
      clock,
      logger: { info() {}, warn() {} },
      newId: () => 'a-look',
    });
  const { signal } = new AbortController();
  if (headStart === 'over') clock.advance(2000);
  return {
    clock,
    id,
    replica,
    work: (perform: AccountActions['perform']) => replica(perform).work(signal),
    /** When the action is tried again, in milliseconds from now; null: it is done. */
    async waits(): Promise<number | null> {
      const row = await db.selectFrom('actions').select('next_attempt_at').executeTakeFirst();
      return row ? row.next_attempt_at.getTime() - clock() : null;
    },
    history: async () =>
      (await db.selectFrom('history').select('action').orderBy('number').execute()).map(
        ({ action }) => action,
      ),
  };
}

const done = async (): Promise<Performed> => ({ result: 'done' });
const away = async (): Promise<Performed> => {
  throw new AppError('unavailable');
};
const whole = ['started', 'opened', 'completed', 'done', 'completed'];

t.test('an action that fails is tried again after 1 s, then later, then every 10 s', async (t) => {
  const { clock, work, waits, history } = await openActions(t);
  const waited: (number | null)[] = [];
  for (let tries = 0; tries < 6; tries += 1) {
    await work(away);
    waited.push(await waits());
    clock.advance((await waits()) ?? 0);
  }
  t.strictSame(waited, [1000, 2000, 4000, 8000, 10_000, 10_000]);
  await work(done);
  t.equal(await waits(), null);
  t.strictSame(await history(), whole);
});

t.test('for 2 s an action is left to the request that ordered it', async (t) => {
  const { clock, id, replica, work, waits } = await openActions(t, 'running');
  clock.advance(1999);
  await work(done);
  t.equal(await waits(), -1999);
  await replica(done).attempt(id, { requestId: 'a-request', deadline: clock() + 4000 });
  t.equal(await waits(), null);
});

t.test('it is not tried before its time', async (t) => {
  const { clock, work, waits } = await openActions(t);
  await work(away);
  clock.advance(999);
  await work(done);
  t.equal(await waits(), 1);
});

t.test('while one replica does it no other one does', async (t) => {
  const { work, history } = await openActions(t);
  const calls = { begun: 0 };
  const slow = async () => {
    calls.begun += 1;
    await work(async () => {
      calls.begun += 1;
      return done();
    });
    return done();
  };
  await work(slow);
  t.equal(calls.begun, 1);
  t.strictSame(await history(), whole);
});

t.test(
  'what a replica leaves undone is done by another one, and the late answer changes nothing',
  async (t) => {
    const { clock, work, waits, history } = await openActions(t);
    const answer = Promise.withResolvers<Performed>();
    const begun = Promise.withResolvers<void>();
    const hanging = work(() => {
      begun.resolve();
      return answer.promise;
    });
    await begun.promise;
    clock.advance(14_999);
    await work(done);
    t.equal(await waits(), 1, "it is another one's for 15 s");
    clock.advance(1);
    await work(done);
    t.equal(await waits(), null);
    answer.resolve({ result: 'done' });
    await hanging;
    t.strictSame(await history(), whole);
  },
);

t.test('a replica that fails late does not put back what another one has taken', async (t) => {
  const { clock, work, waits } = await openActions(t);
  const answer = Promise.withResolvers<Performed>();
  const begun = Promise.withResolvers<void>();
  const hanging = work(() => {
    begun.resolve();
    return answer.promise;
  });
  await begun.promise;
  clock.advance(15_000);
  await work(async () => {
    answer.reject(new AppError('deadline-passed'));
    await hanging;
    t.equal(await waits(), 15_000, 'the lease of the second stands');
    return done();
  });
  t.equal(await waits(), null);
});

t.test('the try before an answer has half of the time that is left, and never fails', async (t) => {
  const { clock, id, replica, waits } = await openActions(t);
  const actions = replica(away);
  await actions.attempt(id, { requestId: 'a-request', deadline: clock() - 1 });
  t.equal(await waits(), -2000, 'without time it is left for later');
  await actions.attempt(id + 1, { requestId: 'a-request', deadline: clock() + 4000 });
  t.equal(await waits(), -2000, 'it is of another instance');
  await actions.attempt(id, { requestId: 'a-request', deadline: clock() + 4000 });
  t.equal(await waits(), 1000);
  clock.advance(1000);
  const given: number[] = [];
  const inTime = replica(async (_action, { deadline }) => {
    given.push(deadline - clock());
    return done();
  });
  await inTime.attempt(id, { requestId: 'a-request', deadline: clock() + 4000 });
  t.strictSame(given, [2000]);
  t.equal(await waits(), null);
});
