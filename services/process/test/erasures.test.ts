import type { JsonObject } from '@vestibule/shared/contracts/json';
import { userContracts } from '@vestibule/shared/contracts/user';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import { placesOf, storedText } from '@vestibule/shared/test/stored-text';
import t, { type Test } from 'tap';
import { startUserService } from '../../user/test/user-service.ts';
import {
  newestTask,
  openTables,
  person,
  type Somebody,
  startProcessService,
  times,
} from './process-service.ts';

const hour = 3_600_000;

/** A form in which each text is the applicant's own. */
const formOf = (name: string): JsonObject => ({
  title: `title of ${name}`,
  description: `description of ${name}`,
  location: `location of ${name}`,
  phone: '13399990001',
});

/** Accounts are erased at once; looks are a second apart, on a clock that is moved. */
async function start(t: Test, { replicas = 1 } = {}) {
  const clock = movableClock();
  const parts = await testParts(t, { clock });
  await startUserService(t, parts, { ERASE_AFTER_DAYS: '0', UPKEEP_INTERVAL: '1' });
  for (let replica = 0; replica < replicas; replica += 1) {
    await startProcessService(t, parts, {
      PROCESS_POLL_MS: '20',
      OUTBOX_POLL_MS: '20',
      UPKEEP_INTERVAL: '1',
    });
  }
  const db = await openTables(parts);
  const admin = await person(parts, { name: 'Ada', role: 'admin' });
  return {
    clock,
    parts,
    db,
    admin,
    worker: await person(parts, { name: 'Mike', role: 'repair' }),
    remove: ({ id }: Somebody) => admin.call(userContracts.setStatus, { id, status: 'deleted' }),
    places: async (text: string) => placesOf(text, await storedText(parts.database)),
    looks: () => db.selectFrom('erasures').selectAll().execute(),
  };
}

/** A repair request from its start to its end. */
async function finished(applicant: Somebody, worker: Somebody, form: JsonObject): Promise<number> {
  const instance = await applicant.start(form, 'repair_apply', `key-of-${applicant.id}`);
  await worker.claim(newestTask(instance));
  const reported = await worker.complete(newestTask(instance), { report: `report for ${form.title}` });
  await applicant.comment(newestTask(reported), `comment on ${form.title}`);
  const done = await applicant.complete(newestTask(reported), {
    result: 'accepted',
    comment: `thanks for ${form.title}`,
  });
  return done.id;
}

t.test('of an erased applicant no word is left in what is finished, and all that others wrote', async (t) => {
  const { parts, admin, worker, remove, places, looks } = await start(t);
  const nora = await person(parts, { name: 'Nora' });
  const sara = await person(parts, { name: 'Sara' });
  const id = await finished(nora, worker, formOf('Nora'));
  const other = await finished(sara, worker, { ...formOf('Sara'), phone: '13399990002' });
  await remove(nora);
  await until('nothing of it is left', async () => (await places('description of Nora')).length === 0);
  const written = ['location of Nora', '13399990001', 'comment on title of Nora', 'thanks for title of Nora'];
  for (const text of written) t.strictSame(await places(text), [], text);
  t.strictSame(await looks(), []);
  const { instance, history } = await admin.get(id);
  t.match(instance, { status: 'completed', form: {}, applicant: { id: nora.id, name: '' } });
  t.strictSame(Object.keys(instance.form), []);
  t.strictSame(
    history.entries.map(({ action, actor, details }) => [action, actor?.name, details]),
    [
      ['started', '', {}],
      ['opened', undefined, {}],
      ['claimed', 'Mike', {}],
      ['completed', 'Mike', { form: { report: 'report for title of Nora' } }],
      ['opened', undefined, {}],
      ['assigned', undefined, { assigneeId: nora.id }],
      ['commented', '', {}],
      ['completed', '', {}],
      ['completed', undefined, { outcome: 'accepted' }],
    ],
  );
  t.match((await admin.get(other)).instance, { form: { title: 'title of Sara' } });
});

t.test('what a worker reported goes with the worker, and the request of its applicant stays', async (t) => {
  const { parts, admin, worker, remove, places } = await start(t);
  const sara = await person(parts, { name: 'Sara' });
  const id = await finished(sara, worker, formOf('Sara'));
  await remove(worker);
  await until('the report is gone', async () => (await places('report for title of Sara')).length === 0);
  const { instance, history } = await admin.get(id);
  t.match(instance, { form: formOf('Sara'), applicant: { name: 'Sara' } });
  t.match(history.entries.at(-2), {
    action: 'completed',
    details: { form: { comment: 'thanks for title of Sara' } },
  });
});

t.test('what still runs stays as it is until it has ended', async (t) => {
  const { clock, parts, admin, worker, remove, places, looks } = await start(t);
  const nora = await person(parts, { name: 'Nora' });
  const instance = await nora.start(formOf('Nora'));
  await worker.claim(newestTask(instance));
  await finished(nora, worker, formOf('Nora before'));
  await remove(nora);
  await until('what is finished is erased', async () => (await places('title of Nora before')).length <= 1);
  await until(
    'it is looked at again later',
    async () => (await looks())[0]?.next_look_at.getTime() === clock() + hour,
  );
  t.match((await admin.get(instance.id)).instance, { status: 'running', form: formOf('Nora') });
  await admin.cancel(instance.id);
  clock.advance(hour);
  await until('nothing is left to look at', async () => (await looks()).length === 0);
  t.strictSame(await places('title of Nora"'), []);
  t.match((await admin.get(instance.id)).instance, { status: 'cancelled', form: {} });
});

t.test('three replicas erase 250 requests of one account', async (t) => {
  const { parts, db, remove, places, looks } = await start(t, { replicas: 3 });
  const nora = await person(parts, { name: 'Nora' });
  for (let count = 0; count < 250; count += 1) {
    const { id } = await nora.start(formOf('Nora'));
    await nora.cancel(id);
  }
  await remove(nora);
  await until('nothing of it is left', async () => (await places('title of Nora')).length === 0);
  await until('nothing is left to look at', async () => (await looks()).length === 0);
  const forms = await db.selectFrom('instances').select('form').execute();
  t.strictSame(
    forms.map(({ form }) => form),
    times(250, () => ({})),
  );
});
