import { createOutboxWriter } from '@vestibule/shared/outbox/outbox-writer';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { startUserService } from '../../user/test/user-service.ts';
import { createChangesRepository } from '../src/changes-repository.ts';
import { createMoves } from '../src/moves.ts';
import { createMovesRepository } from '../src/moves-repository.ts';
import type { ProcessTables } from '../src/tables.ts';
import { createViewsRepository } from '../src/views-repository.ts';
import { insertInstances } from './many-instances.ts';
import { newestTask, openTables, person, startProcessService, times } from './process-service.ts';

const source = { requestId: 'a-request' };

t.test('of two who saw an instance as it was the second writes nothing', async (t) => {
  const db = await openTables(await testParts(t));
  await insertInstances(db, 4);
  const clock = () => 0;
  const outbox = createOutboxWriter<ProcessTables>({ clock });
  const repository = createMovesRepository({ db });
  const moves = createMoves({ repository, changes: createChangesRepository(), outbox, clock });
  const seen = await createViewsRepository({ db }).byTask(4, 0);
  if (seen === null) throw new Error('there is no such task');
  const claimed = (accountId: number) => {
    const visit = moves.look(seen.instance, source);
    moves.claim(visit, seen.task, accountId);
    return visit;
  };
  const [first, second] = [claimed(30_000_001), claimed(30_000_002)];
  t.equal(await first.leave(), true);
  t.equal(await second.leave(), false);
  t.strictSame(await db.selectFrom('tasks').select(['status', 'assignee_id']).where('id', '=', 4).execute(), [
    { status: 'claimed', assignee_id: 30_000_001 },
  ]);
  const history = db.selectFrom('history').select('number').where('instance_id', '=', 4).orderBy('number');
  t.strictSame(
    (await history.execute()).map(({ number }) => number),
    [1, 2, 3, 4],
  );
  t.equal((await db.selectFrom('outbox').select('number').execute()).length, 1, 'one event');
  const people = db.selectFrom('participants').select('account_id').where('instance_id', '=', 4);
  t.strictSame(
    (await people.orderBy('account_id').execute()).map(({ account_id }) => account_id),
    [20_000_004, 30_000_001, 30_000_004],
    'the second takes no part',
  );
  const third = await repository.transaction((tx) => moves.visit(tx, 4, source));
  t.equal(third?.instance.history_length, 4, 'who looks again sees what the first has done');
});

t.test('what many do to one instance at once, on two replicas, is all kept and numbered', async (t) => {
  const parts = await testParts(t);
  await startUserService(t, parts);
  await startProcessService(t, parts);
  await startProcessService(t, parts);
  const sara = await person(parts);
  const { id, tasks } = await sara.start();
  const task = newestTask({ tasks });
  await Promise.all(times(20, (index) => sara.comment(task, `comment ${index}`)));
  const { entries, total } = (await sara.get(id)).history;
  t.equal(total, 22);
  t.strictSame(
    entries.map(({ number }) => number),
    times(22, (index) => index + 1),
  );
  t.strictSame(
    new Set(entries.slice(2).map(({ details }) => details.text)),
    new Set(times(20, (index) => `comment ${index}`)),
  );
});
