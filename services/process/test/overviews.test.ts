import { processContracts } from '@vestibule/shared/contracts/process';
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

t.test('what there is to see', async (t) => {
  const parts = await testParts(t);
  await startUserService(t, parts);
  await startProcessService(t, parts);
  const sara = await person(parts, { name: 'Sara' });
  const tom = await person(parts, { name: 'Tom' });
  const admin = await person(parts, { name: 'Ada', role: 'admin' });
  const mike = await person(parts, { name: 'Mike', role: 'repair' });
  const exportOf = (one: typeof sara, page = 1) => one.call(processContracts.export, { page });

  t.test('an instance is seen by its applicant, by who had a task of it, and by admins', async (t) => {
    const { id, tasks } = await sara.start();
    t.equal(await outcomeOf(mike.get(id)), 'not-allowed');
    t.equal(await outcomeOf(tom.get(id)), 'not-allowed');
    t.equal(await outcomeOf(tom.call(processContracts.diagram, { instanceId: id })), 'not-allowed');
    await mike.claim(newestTask({ tasks }));
    await mike.release(newestTask({ tasks }));
    for (const one of [sara, mike, admin]) t.equal((await one.get(id)).instance.id, id);
    t.match((await mike.call(processContracts.diagram, { instanceId: id })).mermaid, /repair/);
    t.equal(await outcomeOf(sara.get(999_999)), 'instance-unknown');
  });

  t.test('lists are one’s own, an admin’s all, newest first, filtered and paged', async (t) => {
    const own = await person(parts, { name: 'Own' });
    const ids: number[] = [];
    for (const _ of times(17, () => null)) ids.push((await own.start()).id);
    await own.call(processContracts.requestClosing, {});
    await own.cancel(ids[3] ?? 0);
    const first = await own.list();
    t.equal(first.total, 18);
    t.equal(first.instances.length, 15);
    t.equal(first.instances[0]?.processName, 'account_closure');
    t.match(first.instances[1], { id: ids[16], applicant: { name: 'Own' }, tasks: [{ name: 'repair' }] });
    t.strictSame(
      (await own.list({}, 2)).instances.map(({ id }) => id),
      [ids[2], ids[1], ids[0]],
    );
    t.strictSame(await own.list({}, 3), { total: 18, instances: [] });
    t.match(await own.list({ status: 'cancelled' }), { total: 1, instances: [{ id: ids[3] }] });
    t.equal((await own.list({ processName: 'repair_apply' })).total, 17);
    t.equal((await own.list({ processName: 'repair_apply', status: 'running' })).total, 16);
    t.equal((await own.list({ processName: 'coffee' })).total, 0);
    t.equal((await tom.list()).total, 0);
    const all = await admin.list({ processName: 'account_closure' });
    t.match(all, { total: 1, instances: [{ applicant: { id: own.id } }] });
  });

  t.test('an inbox shows what one has, then what one may have; the earliest due first', async (t) => {
    const worker = await person(parts, { name: 'Worker', role: 'volunteer' });
    const definition = {
      name: 'errand',
      title: 'Errand',
      form: {
        type: 'object',
        properties: { what: { type: 'string', maxLength: 10 }, by: { type: 'string', format: 'date-time' } },
      },
      start: { by: 'client' },
      first: 'run',
      steps: {
        run: {
          kind: 'task',
          title: 'Run',
          form: { type: 'object', properties: {} },
          candidateRole: 'volunteer',
          due: { field: 'by' },
          next: [{ to: 'done' }],
        },
        done: { kind: 'end', title: 'Done', outcome: 'done' },
      },
    };
    await admin.call(processContracts.deploy, { definition });
    const errand = async (what: string, day?: string) =>
      newestTask(await tom.start({ what, ...(day ? { by: `2030-01-${day}T00:00:00Z` } : {}) }, 'errand'));
    const never = await errand('never');
    const late = await errand('late', '20');
    const soon = await errand('soon', '10');
    const mineLate = await errand('mine late', '30');
    const mineSoon = await errand('mine soon', '25');
    const alsoNever = await errand('no time');
    for (const id of [mineLate, mineSoon]) await worker.claim(id);
    const { total, tasks } = await worker.inbox();
    t.equal(total, 6);
    t.strictSame(
      tasks.map(({ id }) => id),
      [mineSoon, mineLate, soon, late, never, alsoNever],
    );
    t.match(tasks[2], {
      name: 'run',
      status: 'open',
      dueAt: '2030-01-10T00:00:00.000Z',
      instance: { processName: 'errand', version: 1, form: { what: 'soon' }, applicant: { name: 'Tom' } },
    });
    for (const index of times(12, Number)) await errand(`more ${index}`, '15');
    const pages = [await worker.inbox(1), await worker.inbox(2), await worker.inbox(3)];
    t.strictSame(
      pages.map((page) => [page.total, page.tasks.length]),
      [
        [18, 15],
        [18, 3],
        [18, 0],
      ],
    );
    t.strictSame(
      pages[1]?.tasks.map(({ id }) => id),
      [late, never, alsoNever],
    );
    const other = await person(parts, { role: 'volunteer' });
    t.equal((await other.inbox()).total, 16, 'what somebody has is for nobody else');
    await worker.complete(mineSoon, {});
    t.equal((await worker.inbox()).total, 17, 'what is done is no work any more');
    t.strictSame(await tom.inbox(), { total: 0, tasks: [] });
  });

  t.test('a history is read from its end, 50 entries a page', async (t) => {
    const { id, tasks } = await sara.start();
    for (const index of times(60, Number)) await sara.comment(newestTask({ tasks }), `comment ${index}`);
    const numbersOf = async (page: number) => {
      const { total, entries } = (await sara.get(id, page)).history;
      return [total, entries.length, entries[0]?.number, entries.at(-1)?.number];
    };
    t.strictSame(await numbersOf(1), [62, 50, 13, 62]);
    t.strictSame(await numbersOf(2), [62, 12, 1, 12]);
    t.strictSame(await numbersOf(3), [62, 0, undefined, undefined]);
  });

  t.test('the heaviest forms, comments and histories still fit into an answer', async (t) => {
    const long = await person(parts, { name: '长'.repeat(254) });
    const report = { report: '修'.repeat(2000) };
    const heavy = { ...leak, description: '漏'.repeat(2000), location: '房'.repeat(200) };
    const { id, tasks } = await long.start(heavy);
    let task = newestTask({ tasks });
    await mike.claim(task);
    for (const _ of times(30, () => null)) {
      const confirm = newestTask(await mike.complete(task, report));
      for (const _ of times(2, () => null)) await long.comment(confirm, '急'.repeat(2000));
      task = newestTask(await long.complete(confirm, { result: 'rejected', comment: '不'.repeat(500) }));
    }
    const shown = await long.get(id);
    t.equal(shown.history.total, 243);
    t.equal(shown.history.entries.length, 50);
    t.ok(shown.instance.tasks.length >= 40);
    t.equal(newestTask(shown.instance), task);
    for (const _ of times(14, () => null)) await long.start(heavy);
    const { instances } = await long.list();
    t.equal(instances.length, 15);
    t.strictSame(
      instances[14]?.tasks.map(({ name }) => name),
      ['repair', 'confirm', 'repair', 'confirm', 'repair'],
      'of many tasks a list shows the newest',
    );
    const exported = await exportOf(long);
    t.equal(exported.total, 15);
    t.match(exported.instances[14], {
      instance: { id },
      acts: times(50, () => ({ actor: { id: long.id } })),
    });
    // Six bytes of JSON each: nothing that may be written weighs more.
    const heaviest = [task, newestTask(await long.start(heavy)), newestTask(await long.start(heavy))];
    for (const each of heaviest) {
      for (const _ of times(50, () => null)) await long.comment(each, '\u0001'.repeat(2000));
    }
    t.equal((await long.get(id)).history.entries.length, 50);
    t.equal((await exportOf(long)).instances.length, 15);
  });

  t.test('an export holds one’s own forms and acts, and of others’ instances the acts alone', async (t) => {
    const nora = await person(parts, { name: 'Nora' });
    const nils = await person(parts, { name: 'Nils', role: 'repair' });
    const { id, tasks } = await nora.start();
    const task = newestTask({ tasks });
    await nils.claim(task);
    await nora.comment(task, 'Thank you');
    await nils.complete(task, { report: 'Done' });
    const actsOf = async (one: typeof nora) => {
      const { total, instances } = await exportOf(one);
      return [total, instances.map(({ instance, acts }) => [instance.id, acts.map(({ action }) => action)])];
    };
    t.strictSame(await actsOf(nora), [1, [[id, ['started', 'commented']]]]);
    t.strictSame(await actsOf(nils), [1, [[id, ['claimed', 'completed']]]]);
    t.match((await exportOf(nora)).instances[0]?.instance.form, leak);
    t.strictSame((await exportOf(nils)).instances[0]?.instance.form, {});
    t.strictSame(await exportOf(nora, 2), { total: 1, instances: [] });
  });

  t.test('nobody at all sees nothing', async (t) => {
    const nobody = somebody(parts, undefined);
    const answers = [nobody.list(), nobody.inbox(), exportOf(nobody)];
    t.strictSame(await Promise.all(answers.map(outcomeOf)), ['not-allowed', 'not-allowed', 'not-allowed']);
  });
});
