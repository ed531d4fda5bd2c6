import type { JsonObject } from '@vestibule/shared/contracts/json';
import { createOutboxWriter } from '@vestibule/shared/outbox/outbox-writer';
import { testParts } from '@vestibule/shared/test/parts';
import t, { type Test } from 'tap';
import { createDefinitions } from '../src/definitions.ts';
import { createDefinitionsRepository } from '../src/definitions-repository.ts';
import { migrations } from '../src/migrations/index.ts';
import { readShipped, shippedFolder } from '../src/shipped-definitions.ts';
import type { ProcessTables } from '../src/tables.ts';
import { changed, example } from './definition-example.ts';

const ada = 10_000_001;
const start = { requestId: 'start' };

/** Definitions on tables of their own; events stay in the outbox. */
async function openDefinitions(t: Test) {
  const { database, clock } = await testParts(t);
  const db = await database.open<ProcessTables>({ schema: 'process', migrations });
  const replica = () =>
    createDefinitions({
      repository: createDefinitionsRepository({ db }),
      outbox: { ...createOutboxWriter<ProcessTables>({ clock }), wake() {} },
      clock,
    });
  const rows = () =>
    db
      .selectFrom('definitions')
      .select(['name', 'version', 'deployed_by'])
      .orderBy('name')
      .orderBy('version')
      .execute();
  const events = async () =>
    (await db.selectFrom('outbox').select('event').orderBy('number').execute()).map(({ event }) => event);
  const deploy = (definition: JsonObject, at = replica()) =>
    at.deploy(
      { definition },
      {
        requestId: 'a-request',
        deadline: clock() + 60_000,
        caller: { accountId: ada, role: 'admin', status: 'active' },
      },
    );
  return { replica, rows, events, deploy };
}

const titled = (title: string) => changed(example(), 'title', title);

t.test(
  'a deployed definition is the next version of its name, and every replica has it at once',
  async (t) => {
    const { replica, deploy } = await openDefinitions(t);
    const [one, other] = [replica(), replica()];
    t.equal(await one.newest('leave'), null);
    t.strictSame(await deploy(titled('v1'), one), { name: 'leave', version: 1 });
    t.strictSame(await other.newest('leave'), { version: 1, definition: titled('v1') });
    t.strictSame(await deploy(titled('v2'), other), { name: 'leave', version: 2 });
    t.strictSame(await one.newest('leave'), { version: 2, definition: titled('v2') });
    t.strictSame(await one.version('leave', 1), titled('v1'));
    await t.rejects(one.version('leave', 3), { code: 'process-unknown' });
    await t.rejects(one.version('toString', 1), { code: 'process-unknown' });
  },
);

t.test('a version keeps the order of its fields and steps', async (t) => {
  const { replica, deploy } = await openDefinitions(t);
  await deploy(example());
  t.equal(JSON.stringify(await replica().version('leave', 1)), JSON.stringify(example()));
});

t.test('forty deployments at once are forty versions', async (t) => {
  const { replica, rows, deploy } = await openDefinitions(t);
  const replicas = [replica(), replica()];
  const deployed = await Promise.all(
    Array.from({ length: 40 }, (_, index) => deploy(titled(`v${index}`), replicas[index % 2])),
  );
  const expected = Array.from({ length: 40 }, (_, index) => index + 1);
  t.strictSame(
    deployed.map(({ version }) => version).sort((a, b) => a - b),
    expected,
  );
  t.strictSame(
    (await rows()).map(({ version }) => version),
    expected,
  );
});

t.test('a deployment is told as an event of the definition, by whom', async (t) => {
  const { events, deploy } = await openDefinitions(t);
  await deploy(example());
  t.match(await events(), [
    {
      kind: 'definition.deployed',
      key: 'definition:leave',
      actorId: ada,
      requestId: 'a-request',
      data: { processName: 'leave', version: 1 },
    },
  ]);
});

t.test('only an admin deploys, and what is refused changes nothing', async (t) => {
  const { replica, rows, events, deploy } = await openDefinitions(t);
  const context = { requestId: 'a-request', deadline: Date.now() + 60_000 };
  for (const caller of [
    undefined,
    { accountId: ada, role: 'normal', status: 'active' },
    { accountId: ada, role: 'repair', status: 'active' },
    { accountId: ada, role: 'admin', status: 'pending' },
  ] as const) {
    await t.rejects(
      replica().deploy({ definition: example() }, { ...context, ...(caller && { caller }) }),
      { code: 'not-allowed' },
      caller?.role ?? 'nobody',
    );
  }
  await t.rejects(deploy(changed(example(), 'steps.audit.to', 'nowhere')), {
    code: 'definition-invalid',
    details: { field: 'steps.audit.to', rule: 'unknown-step' },
  });
  t.strictSame({ rows: await rows(), events: await events() }, { rows: [], events: [] });
});

t.test('more definitions than can be shown together are refused, but a start never is', async (t) => {
  const { replica, rows, deploy } = await openDefinitions(t);
  const large = (name: string) => {
    const properties = Object.fromEntries(
      Array.from({ length: 14 }, (_, index) => [
        `f${index}`,
        { type: 'boolean', description: 'd'.repeat(500) },
      ]),
    );
    const steps: JsonObject = { done: { kind: 'end', title: 'd', outcome: 'd' } };
    for (let index = 0; index < 7; index += 1) {
      steps[`s${index}`] = {
        kind: 'task',
        title: 't',
        candidateRole: 'admin',
        form: { type: 'object', properties },
        next: [{ to: index === 6 ? 'done' : `s${index + 1}` }],
      };
    }
    return {
      name,
      title: 't',
      form: { type: 'object', properties: {} },
      start: { by: 'client' },
      first: 's0',
      steps,
    };
  };
  await deploy(large('one'));
  await deploy(large('one'));
  await deploy(large('two'));
  await t.rejects(deploy(large('three')), {
    code: 'definition-invalid',
    details: { field: 'definition', rule: 'no-room' },
  });
  await deploy(large('two'));
  await replica().ship([large('three')], start);
  t.strictSame(
    (await rows()).map(({ name, version }) => `${name} ${version}`),
    ['one 1', 'one 2', 'three 1', 'two 1', 'two 2'],
  );
});

t.test('what is shipped is deployed once, however many replicas start at once and again', async (t) => {
  const { replica, rows, events } = await openDefinitions(t);
  const shipped = await readShipped(shippedFolder);
  await Promise.all(Array.from({ length: 5 }, () => replica().ship(shipped, start)));
  await replica().ship(shipped, start);
  t.strictSame(await rows(), [
    { name: 'account_closure', version: 1, deployed_by: null },
    { name: 'account_review', version: 1, deployed_by: null },
    { name: 'repair_apply', version: 1, deployed_by: null },
  ]);
  t.match(await events(), [
    { key: 'definition:account_closure', actorId: null },
    { key: 'definition:account_review', actorId: null },
    { key: 'definition:repair_apply', actorId: null },
  ]);
  t.equal((await events()).length, 3);
});

t.test('a start never takes back what an admin has deployed, but deploys what is shipped anew', async (t) => {
  const { replica, rows, deploy } = await openDefinitions(t);
  await replica().ship([titled('shipped')], start);
  await deploy(titled('of an admin'));
  await replica().ship([titled('shipped')], start);
  t.equal((await replica().newest('leave'))?.definition.title, 'of an admin');
  await replica().ship([titled('shipped later')], start);
  await replica().ship([titled('shipped later')], start);
  t.strictSame(await rows(), [
    { name: 'leave', version: 1, deployed_by: null },
    { name: 'leave', version: 2, deployed_by: ada },
    { name: 'leave', version: 3, deployed_by: null },
  ]);
});

t.test('what happens elsewhere starts what says so now', async (t) => {
  const { replica, deploy } = await openDefinitions(t);
  const byItself = changed(changed(example(), 'form.required', []), 'start.on', 'account-pending');
  await deploy(byItself);
  await deploy(changed(byItself, 'name', 'arrival'));
  t.strictSame(await replica().startedBy('account-pending'), ['arrival', 'leave']);
  await deploy(changed(byItself, 'start.on', undefined));
  t.strictSame(await replica().startedBy('account-pending'), ['arrival']);
});

t.test('the newest version of each definition is shown, with its forms and a diagram', async (t) => {
  const { replica, deploy } = await openDefinitions(t);
  await replica().ship(await readShipped(shippedFolder), start);
  await deploy(titled('v1'));
  await deploy(titled('v2'));
  const views = await replica().views();
  t.strictSame(
    views.map(({ name, version, title, startable, tasks }) => ({
      name,
      version,
      title,
      startable,
      tasks: tasks.map((task) => `${task.name} ${task.title}`),
    })),
    [
      { name: 'account_closure', version: 1, title: '账号注销', startable: false, tasks: ['decide 决定'] },
      { name: 'account_review', version: 1, title: '新用户审核', startable: false, tasks: ['review 审核'] },
      { name: 'leave', version: 2, title: 'v2', startable: false, tasks: ['check 审核', 'answer 补充'] },
      {
        name: 'repair_apply',
        version: 1,
        title: '报修申请',
        startable: true,
        tasks: ['repair 维修', 'confirm 确认'],
      },
    ],
  );
  const [repair] = views.slice(-1);
  t.match(repair, {
    formSchema: { properties: { urgency: { enum: ['low', 'normal', 'high'], default: 'normal' } } },
    tasks: [
      { formSchema: { required: ['report'] } },
      { formSchema: { properties: { result: { enum: ['accepted', 'rejected'] } } } },
    ],
    diagram: /^flowchart TD\n {2}start\(\["报修申请"\]\)\n/,
  });
});
