import t from 'tap';
import { bodyKinds } from './harness/client.ts';
import { bad, good, person, shownInstance, shownTask, startRepair } from './harness/repair.ts';
import { diagram, processServices as services, shownDefinition } from './harness/repair-processes.ts';

const form = { title: '空调不制冷', urgency: 'high', tags: [{ of: null }] };

for (const kind of bodyKinds) {
  for (const slash of ['', '/']) {
    t.test(`what is sent to /api/process/...${slash} with ${kind} bodies`, async (t) => {
      const { post, calls } = await startRepair(t, { services, caller: { role: 'admin' } });
      const send = async (path: string, fields: object) => {
        const { status, body } = await post(`/api/process/${path}${slash}`, fields, { kind });
        t.equal(status, 200);
        return body;
      };
      const rows: [path: string, fields: object, data: unknown, subject: string, input: unknown][] = [
        [
          'instance',
          { action: 'create', process_name: 'repair_apply', form },
          shownInstance,
          'process.start',
          { processName: 'repair_apply', form },
        ],
        [
          'instance',
          { action: 'cancel', id: 4 },
          { ...shownInstance, status: 'cancelled' },
          'process.cancel',
          { id: 4 },
        ],
        ['task', { action: 'claim', id: 7 }, shownTask, 'process.claim', { id: 7 }],
        ['task', { action: 'release', id: '7' }, shownTask, 'process.release', { id: 7 }],
        [
          'task',
          { action: 'complete', id: 7, form: { report: '已修好' } },
          shownInstance,
          'process.complete',
          { id: 7, form: { report: '已修好' } },
        ],
        [
          'task',
          { action: 'assign', id: 7, assignee: 51_923_482 },
          shownTask,
          'process.assign',
          { id: 7, assignee: 51_923_482 },
        ],
        [
          'task',
          { action: 'comment', id: 7, text: '明天来' },
          shownTask,
          'process.comment',
          { id: 7, text: '明天来' },
        ],
        [
          'definition',
          { definition: { name: 'lamp_check', steps: {} } },
          { name: 'lamp_check', version: 3 },
          'process.deploy',
          { definition: { name: 'lamp_check', steps: {} } },
        ],
      ];
      for (const [path, fields, data, subject, input] of rows) {
        t.strictSame(await send(path, fields), good(data), subject);
        t.strictSame(calls().at(-1), [subject, input]);
      }
    });
  }
}

t.test('what is asked', async (t) => {
  const { ask, calls } = await startRepair(t, { services });
  const page = (data: { total: number; page: number; per_page: number; items: unknown[] }) => good(data);
  const rows: [url: string, body: unknown, subject: string, input: unknown][] = [
    [
      '/api/process/instance',
      page({ total: 31, page: 1, per_page: 15, items: [shownInstance] }),
      'process.list',
      { page: 1 },
    ],
    [
      '/api/process/instance/?process_name=repair_apply&status=running&page=3',
      page({ total: 31, page: 3, per_page: 15, items: [shownInstance] }),
      'process.list',
      { processName: 'repair_apply', status: 'running', page: 3 },
    ],
    [
      '/api/process/instance?process_name=&status=&page=&of=mine',
      page({ total: 31, page: 1, per_page: 15, items: [shownInstance] }),
      'process.list',
      { page: 1 },
    ],
    [
      '/api/process/instance/4?history_page=2',
      good({
        ...shownInstance,
        history: {
          total: 51,
          page: 2,
          per_page: 50,
          items: [
            {
              number: 51,
              at: '2020-03-26 11:34:35',
              action: 'claimed',
              actor: person,
              task: { id: 7, name: 'repair' },
              details: { assignee_id: 51_923_482, due_at: '2020-03-27 11:34:29', form: { dueAt: 'soon' } },
            },
          ],
        },
      }),
      'process.get',
      { id: 4, historyPage: 2 },
    ],
    [
      '/api/process/task?page=2',
      page({
        total: 16,
        page: 2,
        per_page: 15,
        items: [
          {
            ...shownTask,
            instance: {
              id: 4,
              process_name: 'repair_apply',
              version: 2,
              form: shownInstance.form,
              applicant: person,
              created_at: '2020-03-26 11:34:29',
            },
          },
        ],
      }),
      'process.inbox',
      { page: 2 },
    ],
    [
      '/api/process/definition?page=2',
      page({ total: 16, page: 2, per_page: 15, items: [shownDefinition] }),
      'process.definitions',
      {},
    ],
    ['/api/process/instance/4/diagram/', good(diagram), 'process.diagram', { instanceId: 4 }],
    [
      '/api/process/definition/repair_apply/diagram?version=2&format=json',
      good(diagram),
      'process.diagram',
      { processName: 'repair_apply', version: 2 },
    ],
  ];
  for (const [url, body, subject, input] of rows) {
    t.strictSame((await ask(url)).body, body, url);
    t.strictSame(calls().at(-1), [subject, input]);
  }
});

t.test('a diagram is a picture when it is asked for, which can run nothing', async (t) => {
  const { ask } = await startRepair(t, { services });
  for (const shown of ['instance/4', 'definition/repair_apply']) {
    const { status, headers, body } = await ask(`/api/process/${shown}/diagram?format=svg`);
    t.equal(status, 200);
    t.equal(body, diagram.svg);
    t.match(headers['content-type'], /^image\/svg\+xml/);
    t.equal(headers['content-security-policy'], "default-src 'none'; sandbox; frame-ancestors 'none'");
    t.equal(headers['x-content-type-options'], 'nosniff');
    t.equal(headers['cache-control'], 'no-store');
  }
});

t.test('a key for repeats goes along with a create, if it is one', async (t) => {
  const { post, calls } = await startRepair(t, { services });
  const create = (key: string) =>
    post(
      '/api/process/instance',
      { action: 'create', process_name: 'repair_apply', form: {} },
      { headers: { 'idempotency-key': key } },
    );
  const key = `a-key-${'!~'.repeat(61)}`;
  t.match((await create(key)).body, { code: 0 });
  t.match(calls(), [['process.start', { idempotencyKey: key }]]);
  for (const wrong of ['', 'a key', 'a'.repeat(129), 'schlüssel']) {
    t.strictSame((await create(wrong)).body, bad(-1, '参数错误：Idempotency-Key'), wrong);
  }
  t.equal(calls().length, 1);
});
