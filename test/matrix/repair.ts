import { processContracts } from '@vestibule/shared/contracts/process';
import type { Person } from './people.ts';
import type { Asking, Matrix, Request } from './run.ts';

const table = `
operation                                 | meant for | nobody | pending | pending, other | pending admin | own  | other | donor | volunteer | repair | admin | frozen   | deleted  | logged out | expired | forged | foreign | proved  | cookie | own origin | foreign origin
POST /api/user register                   | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | good     | good     | good       | good    | good   | good    | good    | good   | good       | good
POST /api/user register admin             | admin     | no     | no      | no             | no            | no   | no    | no    | no        | no     | good  | no       | no       | no         | no      | no     | no      | no      | good   | good       | no
POST /api/user register repair            | admin     | no     | no      | no             | no            | no   | no    | no    | no        | no     | good  | no       | no       | no         | no      | no     | no      | no      | good   | good       | no
POST /api/user update                     | normal    | login  | good    | good           | good          | good | good  | good  | good      | good   | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | no
POST /api/user update by code             | normal    | good   | good    | no             | no            | good | no    | no    | no        | no     | no    | inactive | inactive | good       | good    | good   | good    | unknown | good   | good       | good
GET /api/user                             | normal    | login  | good    | good           | good          | good | good  | good  | good      | good   | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | good
POST /api/login                           | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | inactive | inactive | good       | good    | good   | good    | unknown | good   | good       | good
POST /auth/user register                  | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | good     | good     | good       | good    | good   | good    | good    | good   | good       | good
POST /auth/user register admin            | admin     | no     | no      | no             | no            | no   | no    | no    | no        | no     | good  | no       | no       | no         | no      | no     | no      | no      | good   | good       | no
POST /auth/user register repair           | admin     | no     | no      | no             | no            | no   | no    | no    | no        | no     | good  | no       | no       | no         | no      | no     | no      | no      | good   | good       | no
POST /auth/user update                    | normal    | login  | good    | good           | good          | good | good  | good  | good      | good   | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | no
POST /auth/user update by code            | normal    | good   | good    | no             | no            | good | no    | no    | no        | no     | no    | inactive | inactive | good       | good    | good   | good    | unknown | good   | good       | good
GET /auth/user                            | normal    | login  | good    | good           | good          | good | good  | good  | good      | good   | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | good
POST /auth/login                          | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | inactive | inactive | good       | good    | good   | good    | unknown | good   | good       | good
GET /api/process/definition               | normal    | login  | no      | no             | no            | good | good  | good  | good      | good   | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | good
POST /api/process/definition              | admin     | login  | no      | no             | no            | no   | no    | no    | no        | no     | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | no
GET /api/process/definition/:name/diagram | normal    | login  | no      | no             | no            | good | good  | good  | good      | good   | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | good
POST /api/process/instance create         | normal    | login  | no      | no             | no            | good | good  | good  | good      | good   | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | no
POST /api/process/instance cancel         | normal    | login  | no      | no             | no            | good | no    | no    | no        | no     | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | no
GET /api/process/instance                 | normal    | login  | no      | no             | no            | good | good  | good  | good      | good   | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | good
GET /api/process/instance/:id             | normal    | login  | no      | no             | no            | good | no    | no    | no        | no     | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | good
GET /api/process/instance/:id/diagram     | normal    | login  | no      | no             | no            | good | no    | no    | no        | no     | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | good
GET /api/process/task                     | normal    | login  | no      | no             | no            | good | good  | good  | good      | good   | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | good
POST /api/process/task claim              | repair    | login  | no      | no             | no            | no   | no    | no    | no        | good   | no    | login    | login    | login      | login   | login  | login   | login   | good   | good       | no
POST /api/process/task release            | repair    | login  | no      | no             | no            | no   | no    | no    | no        | good   | no    | login    | login    | login      | login   | login  | login   | login   | good   | good       | no
POST /api/process/task complete           | repair    | login  | no      | no             | no            | no   | no    | no    | no        | good   | no    | login    | login    | login      | login   | login  | login   | login   | good   | good       | no
POST /api/process/task assign             | admin     | login  | no      | no             | no            | no   | no    | no    | no        | no     | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | no
POST /api/process/task comment            | normal    | login  | no      | no             | no            | good | no    | no    | no        | no     | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | no
GET /api/user/export                      | normal    | login  | good    | good           | good          | good | good  | good  | good      | good   | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | good
POST /api/user/close                      | normal    | login  | no      | no             | no            | good | good  | good  | good      | good   | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | no
GET /api/audit                            | admin     | login  | no      | no             | no            | no   | no    | no    | no        | no     | good  | login    | login    | login      | login   | login  | login   | login   | good   | good       | good
`;

const form = { title: '空调不制冷', description: '开机后一直吹热风', location: '3号楼201' };
const definition = {
  name: 'lamp_check',
  title: '灯具检查',
  form: { type: 'object', properties: {} },
  start: { by: 'client' },
  first: 'look',
  steps: {
    look: {
      kind: 'task',
      title: '检查',
      form: { type: 'object', properties: {} },
      candidateRole: 'repair',
      next: [{ to: 'done' }],
    },
    done: { kind: 'end', title: '完成', outcome: 'done' },
  },
};

/** Who an instance can belong to: nobody who waits for the audit could have started one. */
const applicantOf = ({ subject, people }: Asking): Promise<Person> | Person =>
  subject.registered && subject.caller.status === 'active' ? subject : people.make();

/** A repair request of the subject, which nobody has taken up. */
async function instance(asking: Asking) {
  const { caller } = await applicantOf(asking);
  const { id, tasks } = await asking.platform.call(
    processContracts.start,
    { processName: 'repair_apply', form },
    caller,
  );
  return { id, task: tasks[0]?.id ?? 0 };
}

/** Its task, claimed by the caller if that is a worker, else by another one. */
async function claimedTask(asking: Asking): Promise<number> {
  const { caller, people, platform } = asking;
  const { task } = await instance(asking);
  const worker = caller.caller.role === 'repair' ? caller : await people.make({ role: 'repair' });
  await platform.call(processContracts.claim, { id: task }, worker.caller);
  return task;
}

const ofInstance = async (asking: Asking): Promise<Request> => ({
  path: { id: (await instance(asking)).id },
});
const task = (action: string, id: number, fields: object = {}): Request => ({
  fields: { action, id, ...fields },
});

/** What the document itself has, under either of the names of its paths. */
const documented = (base: '/api' | '/auth'): Matrix['requests'] => ({
  [`POST ${base}/user register`]: ({ people }) => ({
    fields: { action: 'register', code: people.nextNames().code, userinfo: { name: '张三' } },
  }),
  [`POST ${base}/user register admin`]: ({ people }) => ({
    fields: { action: 'register', code: people.nextNames().code, userinfo: { role: 'admin' } },
  }),
  [`POST ${base}/user register repair`]: ({ people }) => ({
    fields: { action: 'register', code: people.nextNames().code, userinfo: { role: 'repair' } },
  }),
  [`POST ${base}/user update`]: () => ({ fields: { action: 'update', userinfo: { name: '李四' } } }),
  [`POST ${base}/user update by code`]: ({ subject }) => ({
    fields: { action: 'update', code: subject.code, userinfo: { name: '李四' } },
  }),
  [`GET ${base}/user`]: () => ({ query: { view: 'get_curr_user_info' } }),
  [`POST ${base}/login`]: ({ subject }) => ({ fields: { code: subject.code } }),
});

/** The repair document and what finishes its processes: contract.md, sections 0 and 1. */
export const repair: Matrix = {
  openids: true,
  table,
  words: {
    good: { status: 200, body: { code: 0, msg: 'success' } },
    unknown: { status: 200, body: { code: -4, data: {} } },
    inactive: { status: 200, body: { code: -6, data: {} } },
    login: { status: 401, body: { code: -5, data: {} } },
    no: { status: 403, body: { code: -6, data: {} } },
  },
  requests: {
    ...documented('/api'),
    ...documented('/auth'),
    'GET /api/process/definition': () => ({}),
    'POST /api/process/definition': () => ({ fields: { definition } }),
    'GET /api/process/definition/:name/diagram': () => ({ path: { name: 'repair_apply' } }),
    'POST /api/process/instance create': () => ({
      fields: { action: 'create', process_name: 'repair_apply', form },
    }),
    'POST /api/process/instance cancel': async (asking) => ({
      fields: { action: 'cancel', id: (await instance(asking)).id },
    }),
    'GET /api/process/instance': () => ({}),
    'GET /api/process/instance/:id': ofInstance,
    'GET /api/process/instance/:id/diagram': ofInstance,
    'GET /api/process/task': () => ({}),
    'POST /api/process/task claim': async (asking) => task('claim', (await instance(asking)).task),
    'POST /api/process/task release': async (asking) => task('release', await claimedTask(asking)),
    'POST /api/process/task complete': async (asking) =>
      task('complete', await claimedTask(asking), { form: { report: '已更换' } }),
    'POST /api/process/task assign': async (asking) =>
      task('assign', (await instance(asking)).task, {
        assignee: (await asking.people.make({ role: 'repair' })).id,
      }),
    'POST /api/process/task comment': async (asking) =>
      task('comment', (await instance(asking)).task, { text: '请尽快' }),
    'GET /api/user/export': () => ({}),
    'POST /api/user/close': () => ({ fields: { reason: '不再使用' } }),
    'GET /api/audit': () => ({}),
  },
};
