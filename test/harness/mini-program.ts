/** An answer as a client of the repair document sees it. */
export type RepairAnswer<D = unknown> = { status: number; code: number; msg: string; data: D };

export type Person = { id: number; name: string };
export type Task = {
  id: number;
  name: string;
  status: string;
  candidate_role: string | null;
  assignee: Person | null;
  form_schema: object;
  due_at: string | null;
};
export type Instance = {
  id: number;
  process_name: string;
  version: number;
  status: string;
  form: Record<string, unknown>;
  applicant: Person;
  created_at: string;
  modified_at: string;
  tasks: Task[];
};
export type List<I> = { total: number; page: number; per_page: number; items: I[] };
export type Entry = {
  number: number;
  at: string;
  action: string;
  actor: Person | null;
  task: { id: number; name: string } | null;
  details: Record<string, unknown>;
};
type User = { id: number; name: string; role: string; wx_userinfo: object };

/** The mini-program of somebody: knows the repair document alone, and its user's WeChat, or has a token already. */
export function miniProgram(gateway: string, name: string, given?: string) {
  let token = given;

  async function ask<D>(path: string, init: RequestInit = {}): Promise<RepairAnswer<D>> {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const signal = AbortSignal.timeout(30_000);
    const response = await fetch(`${gateway}${path}`, { ...init, headers, signal });
    const body = (await response.json()) as Omit<RepairAnswer<D>, 'status'>; // from outside: tests compare it
    return { ...body, status: response.status };
  }
  const get = <D>(path: string) => ask<D>(path);
  const post = <D>(path: string, fields: object, headers: Record<string, string> = {}) =>
    ask<D>(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(fields),
    });

  return {
    name,
    /** What `wx.login` gives. */
    code: `dev:${name}`,
    get,
    post,
    /** Registers, and is signed in then. */
    async register(userinfo: object): Promise<User> {
      const answer = await post<{ token: string; user: User }>('/auth/user', {
        action: 'register',
        code: `dev:${name}`,
        wx_userinfo: { nickName: name },
        userinfo,
      });
      if (answer.code !== 0) throw new Error(`register answered ${JSON.stringify(answer)}`);
      token = answer.data.token;
      return answer.data.user;
    },
    login: () => post<{ token: string; user: User }>('/auth/login', { code: `dev:${name}` }),
    apply: (form: object, headers: Record<string, string> = {}) =>
      post<Instance>(
        '/api/process/instance',
        { action: 'create', process_name: 'repair_apply', form },
        headers,
      ),
    cancel: (id: number) => post<Instance>('/api/process/instance', { action: 'cancel', id }),
    /** An instance with the newest page of its history. */
    look: (id: number) => get<Instance & { history: List<Entry> }>(`/api/process/instance/${id}`),
    inbox: () => get<List<Task & { instance: Omit<Instance, 'tasks'> }>>('/api/process/task'),
    claim: (id: number) => post<Task>('/api/process/task', { action: 'claim', id }),
    release: (id: number) => post<Task>('/api/process/task', { action: 'release', id }),
    complete: (id: number, form: object) =>
      post<Instance>('/api/process/task', { action: 'complete', id, form }),
    assign: (id: number, assignee: number) =>
      post<Task>('/api/process/task', { action: 'assign', id, assignee }),
    comment: (id: number, text: string) => post<Task>('/api/process/task', { action: 'comment', id, text }),
  };
}
export type MiniProgram = ReturnType<typeof miniProgram>;

/** The task of an instance that was opened last. */
export function newestTask({ tasks }: Pick<Instance, 'tasks'>): Task {
  const task = tasks.at(-1);
  if (task === undefined) throw new Error('the instance has no task');
  return task;
}
