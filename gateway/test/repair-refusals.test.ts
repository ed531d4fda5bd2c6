import { AppError, type ErrorCode } from '@vestibule/shared/errors';
import t from 'tap';
import { bad, type Repair, startRepair } from './harness/repair.ts';
import { processServices as services } from './harness/repair-processes.ts';

const form = { title: '空调不制冷' };

t.test('parameters that break their rules answer -1 and name the field', async (t) => {
  const create = (fields: object) => ({ action: 'create', process_name: 'repair_apply', form, ...fields });
  const nested = (depth: number): object => (depth === 0 ? {} : { of: nested(depth - 1) });
  const sent: [path: string, field: string, fields: object, msg?: string][] = [
    ['instance', 'action', {}],
    ['instance', 'action', { action: 'start' }],
    ['instance', 'process_name', create({ process_name: undefined })],
    ['instance', 'process_name', create({ process_name: 'Repair Apply' })],
    ['instance', 'form', create({ form: undefined })],
    ['instance', 'form', create({ form: [] })],
    ['instance', 'form', create({ form: 'title=a' }), '参数不是有效的JSON：form'],
    ['instance', 'form.title', create({ form: { title: 'a\u0000' } })],
    ['instance', `form${'.of'.repeat(20)}`, create({ form: nested(21) })],
    ['instance', 'id', { action: 'cancel' }],
    ['instance', 'id', { action: 'cancel', id: '4x' }],
    ['instance', 'id', { action: 'cancel', id: 0 }],
    ['instance', 'id', { action: 'cancel', id: 4.5 }],
    ['instance', 'id', { action: 'cancel', id: '1'.repeat(16) }],
    ['task', 'action', { id: 7 }],
    ['task', 'action', { action: 'finish', id: 7 }],
    ['task', 'id', { action: 'claim' }],
    ['task', 'id', { action: 'release', id: [7] }],
    ['task', 'form', { action: 'complete', id: 7 }],
    ['task', 'form', { action: 'complete', id: 7, form: 5 }],
    ['task', 'assignee', { action: 'assign', id: 7 }],
    ['task', 'assignee', { action: 'assign', id: 7, assignee: 57 }],
    ['task', 'text', { action: 'comment', id: 7 }],
    ['task', 'text', { action: 'comment', id: 7, text: '' }],
    ['task', 'text', { action: 'comment', id: 7, text: '漢'.repeat(2001) }],
    ['definition', 'definition', {}],
    ['definition', 'definition', { definition: '{' }, '参数不是有效的JSON：definition'],
    ['definition', 'definition', { definition: [] }],
  ];
  const { post, ask, calls } = await startRepair(t, { services, caller: { role: 'admin' } });
  for (const [path, field, fields, msg = `参数错误：${field}`] of sent) {
    const { status, body } = await post(`/api/process/${path}`, fields);
    t.equal(status, 200);
    t.strictSame(body, bad(-1, msg), JSON.stringify(fields).slice(0, 80));
  }
  const asked: [url: string, field: string][] = [
    ['instance?page=0', 'page'],
    ['instance?page=1&page=2', 'page'],
    ['instance?page=1000000', 'page'],
    ['instance?status=open', 'status'],
    ['instance?process_name=%00', 'process_name'],
    ['instance/x', 'id'],
    ['instance/0', 'id'],
    ['instance/4?history_page=-1', 'history_page'],
    ['instance/4/diagram?format=png', 'format'],
    ['definition/Repair/diagram', 'name'],
    ['definition/repair_apply/diagram?version=a', 'version'],
    ['task?page=a', 'page'],
    ['definition?page=a', 'page'],
  ];
  for (const [url, field] of asked) {
    const { status, body } = await ask(`/api/process/${url}`);
    t.equal(status, 200);
    t.strictSame(body, bad(-1, `参数错误：${field}`), url);
  }
  t.strictSame(calls(), [], 'no service was asked');
});

const refused: [what: string, fields: object, ErrorCode, status: number, code: number, msg: string][] = [
  ['instance', { action: 'create' }, 'process-unknown', 200, -1, '没有此流程'],
  ['instance', { action: 'create' }, 'process-running', 200, -7, '已有未结束的同类流程'],
  ['instance', { action: 'create' }, 'idempotency-conflict', 200, -1, 'Idempotency-Key已用于另一请求'],
  ['instance', { action: 'create' }, 'not-allowed', 403, -6, '没有权限'],
  ['instance', { action: 'cancel' }, 'instance-unknown', 200, -1, '没有此流程实例'],
  ['instance', { action: 'cancel' }, 'instance-claimed', 200, -7, '已有人受理，不能再取消'],
  ['instance', { action: 'cancel' }, 'instance-finished', 200, -7, '流程已结束'],
  ['instance', { action: 'cancel' }, 'not-allowed', 403, -6, '没有权限'],
  ['task', { action: 'claim' }, 'task-taken', 200, -7, '任务已被他人领取'],
  ['task', { action: 'claim' }, 'task-unknown', 200, -1, '没有此任务'],
  ['task', { action: 'claim' }, 'task-finished', 200, -7, '任务已结束'],
  ['task', { action: 'release' }, 'not-allowed', 403, -6, '没有权限'],
  ['task', { action: 'complete' }, 'task-finished', 200, -7, '任务已结束'],
  ['task', { action: 'complete' }, 'not-allowed', 403, -6, '没有权限'],
  ['task', { action: 'assign' }, 'not-allowed', 403, -6, '没有权限'],
  ['task', { action: 'assign' }, 'account-unknown', 200, -1, '参数错误：assignee'],
  ['task', { action: 'comment' }, 'task-unknown', 200, -1, '没有此任务'],
];
for (const [path, fields, code, status, number, msg] of refused) {
  t.test(`${Object.values(fields)} of ${path === 'task' ? 'a task' : 'an instance'}: ${code}`, async (t) => {
    const refuse = async () => Promise.reject(new AppError(code));
    const { post } = await startRepair(t, {
      services: {
        process: {
          start: refuse,
          cancel: refuse,
          claim: refuse,
          release: refuse,
          complete: refuse,
          assign: refuse,
          comment: refuse,
        },
      },
    });
    const whole = { process_name: 'repair_apply', id: 7, form, assignee: 51_923_482, text: 'a', ...fields };
    const answer = await post(`/api/process/${path}`, whole);
    t.equal(answer.status, status);
    t.strictSame(answer.body, bad(number, msg));
  });
}

t.test('the place and the rule of a form or a definition are named as the service names them', async (t) => {
  const { post } = await startRepair(t, {
    caller: { role: 'admin' },
    services: {
      process: {
        start: async () => Promise.reject(new AppError('input-invalid', { field: 'form.title' })),
        deploy: async () =>
          Promise.reject(new AppError('definition-invalid', { field: 'first', rule: 'unknown-step' })),
      },
    },
  });
  const create = { action: 'create', process_name: 'repair_apply', form: {} };
  t.strictSame((await post('/api/process/instance', create)).body, bad(-1, '参数错误：form.title'));
  t.strictSame(
    (await post('/api/process/definition', { definition: {} })).body,
    bad(-1, '流程定义无效：first（unknown-step）'),
  );
});

t.test('who may come in', async (t) => {
  const create = { action: 'create', process_name: 'repair_apply', form: {} };
  const urls = ['instance', 'instance/4', 'instance/4/diagram', 'task', 'definition', 'definition/a/diagram'];
  const changes: [path: string, fields: object][] = [
    ['instance', create],
    ['task', { action: 'claim', id: 7 }],
    ['definition', { definition: {} }],
  ];
  const everything = async ({ ask, post }: Pick<Repair, 'ask' | 'post'>) => [
    ...(await Promise.all(urls.map((url) => ask(`/api/process/${url}`)))),
    ...(await Promise.all(changes.map(([path, fields]) => post(`/api/process/${path}`, fields)))),
  ];

  t.test('nobody without a live token of an account', async (t) => {
    const { client, post } = await startRepair(t, { services });
    const bound = await startRepair(t, { services, caller: null });
    for (const asking of [
      {
        ask: (url: string) => client.get(url),
        post: (url: string, fields: object) => post(url, fields, { token: '' }),
      },
      bound,
    ]) {
      for (const { status, body } of await everything(asking)) {
        t.equal(status, 401);
        t.strictSame(body, bad(-5, '请重新登录'));
      }
    }
    t.strictSame(bound.calls(), []);
  });

  t.test('nobody who waits for an audit', async (t) => {
    for (const role of ['normal', 'admin'] as const) {
      const repair = await startRepair(t, { services, caller: { role, status: 'pending' } });
      for (const { status, body } of await everything(repair)) {
        t.equal(status, 403);
        t.match(body, { code: -6, data: {} });
      }
      t.strictSame(repair.calls(), []);
    }
  });

  t.test('only admins to new definitions', async (t) => {
    const { post, calls } = await startRepair(t, { services, caller: { role: 'repair' } });
    const { status, body } = await post('/api/process/definition', { definition: {} });
    t.equal(status, 403);
    t.strictSame(body, bad(-6, '没有权限'));
    t.strictSame(calls(), []);
  });
});
