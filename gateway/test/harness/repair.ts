import type { LiveSession } from '@vestibule/shared/contracts/auth';
import type { InboxTask, Instance, Task } from '@vestibule/shared/contracts/process';
import type { Test } from 'tap';
import { clientOf } from './client.ts';
import { account, fakeParts, liveSession, signingKey } from './fakes.ts';
import { startGateway } from './platform.ts';

export const person = { id: 51_923_482, name: '张三' };

/** What the services answer in these tests, and what a client of the repair document sees of it. */
export const wechatUser = (fields: Partial<ReturnType<typeof account>> = {}) => ({
  account: account({
    role: 'normal',
    profile: { ...account().profile, name: 'zhangsan1', phone: '', qq: '', cardno: '', wxid: '' },
    ...fields,
  }),
  wxUserinfo: { nickName: 'zhangsan' },
});
export const shownUser = {
  id: 51_923_482,
  name: 'zhangsan1',
  phone: '',
  address: '',
  company: '',
  age: null,
  email: '',
  role: 'normal',
  wx_userinfo: { nickName: 'zhangsan' },
  created_at: '2020-03-26 11:34:29',
  modified_at: '2020-03-26 11:34:35',
};

const formSchema = { type: 'object', required: ['report'] };
export const task: Task = {
  id: 7,
  name: 'repair',
  status: 'claimed',
  candidateRole: 'repair',
  assignee: person,
  formSchema,
  dueAt: '2020-03-27T03:34:29.000Z',
};
export const shownTask = {
  id: 7,
  name: 'repair',
  status: 'claimed',
  candidate_role: 'repair',
  assignee: person,
  form_schema: formSchema,
  due_at: '2020-03-27 11:34:29',
};
const form = { title: '空调不制冷' };
export const instance: Instance = {
  id: 4,
  processName: 'repair_apply',
  version: 2,
  status: 'running',
  form,
  applicant: person,
  createdAt: '2020-03-26T03:34:29.000Z',
  modifiedAt: '2020-03-26T03:34:35.000Z',
  tasks: [task, { ...task, id: 8, assignee: null, candidateRole: null, dueAt: null }],
};
export const shownInstance = {
  id: 4,
  process_name: 'repair_apply',
  version: 2,
  status: 'running',
  form,
  applicant: person,
  created_at: '2020-03-26 11:34:29',
  modified_at: '2020-03-26 11:34:35',
  tasks: [shownTask, { ...shownTask, id: 8, assignee: null, candidate_role: null, due_at: null }],
};
const { status: _status, modifiedAt: _modifiedAt, tasks: _tasks, ...asked } = instance;
export const inboxTask: InboxTask = { ...task, instance: asked };

type Fakes = Parameters<typeof fakeParts>[0];
type Caller = Partial<NonNullable<LiveSession['account']>>;

/** A gateway before services that answer what the test says, and the token of one live session. */
export async function startRepair(
  t: Test,
  {
    services = {},
    caller = {},
    environment = {},
  }: { services?: Fakes; caller?: Caller | null; environment?: Record<string, string> } = {},
) {
  const key = signingKey();
  const session =
    caller === null
      ? { ...liveSession(), account: null, openidHash: 'hash' }
      : liveSession({ role: 'normal', ...caller });
  const { parts, asked } = await fakeParts({
    ...services,
    auth: {
      publicKeys: async () => ({ keys: [key.jwk] }),
      verifySession: async () => session,
      ...services.auth,
    },
  });
  const client = clientOf(await startGateway(t, parts, { environment }));
  const token = key.token();
  return {
    client,
    token,
    asked,
    /** What was asked of the services, without who is asked about the session. */
    calls: () =>
      asked
        .filter(({ subject }) => !['auth.public-keys', 'auth.verify-session'].includes(subject))
        .map(({ subject, input }) => [subject, input]),
    ask: (url: string) => client.get(url, { token }),
    post: (url: string, fields: object, options: Parameters<typeof client.post>[2] = {}) =>
      client.post(url, fields, { token, ...options }),
  };
}
export type Repair = Awaited<ReturnType<typeof startRepair>>;

export const good = (data: unknown) => ({ code: 0, msg: 'success', data });
export const bad = (code: number, msg: string) => ({ code, msg, data: {} });
