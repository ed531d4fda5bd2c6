import { isDeepStrictEqual } from 'node:util';
import { openConnection } from './connection.ts';
import type { Load } from './drive.ts';
import { nicknameOf, type People, type Person, password, profile } from './people.ts';
import type { Exchange, Request } from './request.ts';
import type { Steps } from './stepper.ts';

/** Whom to ask, and as whom. */
export type Target = { url: string; people: People };

export type Workload = {
  /** In a line. */
  title: string;
  /** Connections that ask at once, unless the command line says otherwise. */
  connections: number;
  /** Whether the yardstick serves it too. */
  yardstick: boolean;
  /** Whether it is measured at each number of accounts; it writes nothing then. Otherwise at the last alone. */
  bySize: boolean;
  load(target: Target): Promise<Load>;
};

const turn = <T>(list: readonly T[], index: number): T => {
  const one = list[index % list.length];
  if (one === undefined) throw new Error('nobody is there');
  return one;
};

const ownRecord = ({ id, token }: Person): Exchange => {
  const { email, name, phone, position } = profile;
  const data = { email, id, name, nickname: nicknameOf(id), phone, position };
  return {
    request: { method: 'GET', path: `/user/${id}`, token },
    expected: { text: JSON.stringify({ cmd: `user/${id}`, data, message: 'success', status: true }) },
  };
};

const login = ({ id }: Person): Exchange => ({
  request: { method: 'POST', path: '/user/login', body: { id: String(id), password } },
  expected: { begin: '{"code":200,"msg":"","data":{"token":"ey', end: '"}}', least: 250 },
});

const register: Exchange = {
  request: {
    method: 'POST',
    path: '/user/register',
    body: { first_name: 'Sara', last_name: 'Hammer', role: '1', password },
  },
  expected: {
    begin: '{"code":200,"msg":"","data":{"id":"',
    end: '","role":"donor","first_name":"Sara","last_name":"Hammer"}}',
    least: 350,
  },
};

const captcha: Exchange = {
  request: { method: 'GET', path: '/captcha' },
  expected: {
    begin: '{"cmd":"captcha","data":{"id":"',
    end: '"},"message":"success","status":true}',
    least: 700,
  },
};

const form = { title: '空调不制冷', description: '开机后一直吹热风', location: '3号楼201' };
const shownForm = { ...form, urgency: 'normal' };

const create = ({ token }: Person): Exchange => ({
  request: {
    method: 'POST',
    path: '/api/process/instance',
    token,
    body: { action: 'create', process_name: 'repair_apply', form },
  },
  expected: { begin: '{"code":0,"msg":"success","data":{"id":', end: '}]}}', least: 400 },
});

const taskAction = (action: string, id: number, { token }: Person, more: object = {}): Request => ({
  method: 'POST',
  path: '/api/process/task',
  token,
  body: { action, id: String(id), ...more },
});

/** The number of the last task in the text of an instance. */
function newestTask(instance: string): number {
  const { data }: { data: { tasks: { id: number }[] } } = JSON.parse(instance);
  return data.tasks.at(-1)?.id ?? 0;
}

/** Somebody applies, somebody else claims and reports, and who applied confirms: four transitions. */
const repair =
  ({ readers, workers }: People): Steps =>
  async (ask, round) => {
    const applicant = turn(readers, round);
    const worker = turn(workers, round);
    const task = newestTask(await ask(create(applicant)));
    await ask({
      request: taskAction('claim', task, worker),
      expected: {
        begin: `{"code":0,"msg":"success","data":{"id":${task},"name":"repair","status":"claimed"`,
        end: '}}',
        least: 200,
      },
    });
    const reported = await ask({
      request: taskAction('complete', task, worker, { form: { report: '已修好' } }),
      expected: { begin: '{"code":0,"msg":"success","data":{"id":', end: '}]}}', least: 400 },
    });
    const confirm = newestTask(reported);
    const finished = await ask({
      request: taskAction('complete', confirm, applicant, { form: { result: 'accepted' } }),
      expected: { begin: '{"code":0,"msg":"success","data":{"id":', end: '}]}}', least: 400 },
    });
    const { data } = JSON.parse(finished);
    if (data.status !== 'completed' || !isDeepStrictEqual(data.form, shownForm)) {
      throw new Error(`a repair that was confirmed is not completed: ${finished.slice(0, 300)}`);
    }
  };

/** What a GET or POST answers now, which every further answer must be. */
async function asNow(url: string, request: Request, isRight: (body: unknown) => boolean): Promise<Exchange> {
  const connection = openConnection(url);
  try {
    const { status, body } = await connection.ask(request);
    if (status !== 200 || !isRight(JSON.parse(body))) {
      throw new Error(`${request.path} answers ${status} ${body.slice(0, 300)}`);
    }
    return { request, expected: { text: body } };
  } finally {
    connection.close();
  }
}

const perPage = 15;
type ListAnswer = { data: { total: number; last_page: number; data: unknown[] } };

/** A page of the list: that many pages after the first one, as a part of them all. */
const page = (part: number) => ({
  async load({ url, people }: Target): Promise<Load> {
    const { token } = people.admin;
    const first = await asNow(url, { method: 'GET', path: '/list/user', token }, () => true);
    if (!('text' in first.expected)) throw new Error('a page is compared as it is');
    const { data }: ListAnswer = JSON.parse(first.expected.text);
    // The last page may have few rows, so the one before it is asked for.
    const number = 1 + Math.floor((data.last_page - 2) * part);
    const isPage = (body: unknown) => Object(body).data?.data?.length === perPage;
    const path = `/list/user?page=${number}`;
    return { exchanges: [await asNow(url, { method: 'GET', path, token }, isPage)] };
  },
});

const search: Workload['load'] = async ({ url, people }) => {
  const { token } = people.admin;
  // Those of whom some are not deleted.
  const names = Array.from({ length: 9 }, (_, index) => `First${index + 1}`);
  const isFound = (body: unknown) => Object(body).data?.id_list?.length > 0;
  const ask = (first_name: string) =>
    asNow(url, { method: 'POST', path: '/user/search', token, body: { first_name } }, isFound);
  return { exchanges: await Promise.all(names.map(ask)) };
};

const exchanges =
  (made: (people: People) => Exchange[]): Workload['load'] =>
  async ({ people }) => ({ exchanges: made(people) });

/** How often each is done in a round of the mix: people mostly read. */
const mix: Workload['load'] = async (target) => {
  const { people } = target;
  const found = await search(target);
  const searches = 'exchanges' in found ? found.exchanges : [];
  const list: Exchange = {
    request: { method: 'GET', path: '/list/user', token: people.admin.token },
    expected: { begin: '{"cmd":"list/user","data":{"total":', end: '"status":true}', least: 1000 },
  };
  const repairOnce = repair(people);
  return {
    async steps(ask, round) {
      const somebody = turn(people.readers, round);
      for (let read = 0; read < 20; read += 1) await ask(ownRecord(turn(people.readers, round + read)));
      await ask(login(somebody));
      if (round % 2 === 0) await ask(register);
      await ask(list);
      await ask(captcha);
      await ask(turn(searches, round));
      await repairOnce(ask, round);
    },
  };
};

/** By the names of the command line, in the order in which they run: what writes accounts comes last. */
export const workloads = {
  read: {
    title: 'signed-in read of one’s own record (GET /user/:id)',
    connections: 32,
    yardstick: true,
    bySize: true,
    load: exchanges(({ readers }) => readers.map(ownRecord)),
  },
  'list-first': {
    title: 'list with its total, first page (GET /list/user)',
    connections: 16,
    yardstick: true,
    bySize: true,
    ...page(0),
  },
  'list-middle': {
    title: 'list with its total, page in the middle',
    connections: 16,
    yardstick: true,
    bySize: true,
    ...page(0.5),
  },
  'list-last': {
    title: 'list with its total, last page but one',
    connections: 16,
    yardstick: true,
    bySize: true,
    ...page(1),
  },
  search: {
    title: 'search by a name (POST /user/search)',
    connections: 16,
    yardstick: true,
    bySize: true,
    load: search,
  },
  captcha: {
    title: 'captcha picture (GET /captcha)',
    connections: 16,
    yardstick: true,
    bySize: false,
    load: exchanges(() => [captcha]),
  },
  login: {
    title: 'login by password (POST /user/login)',
    connections: 16,
    yardstick: true,
    bySize: false,
    load: exchanges(({ readers }) => readers.map(login)),
  },
  flood: {
    title: 'signed-in reads, 200 a second, while as many log in as can',
    connections: 16,
    yardstick: true,
    bySize: false,
    load: async ({ people: { readers } }) => ({
      paced: readers.map(ownRecord),
      perSecond: 200,
      flood: readers.map(login),
    }),
  },
  create: {
    title: 'process: create (POST /api/process/instance)',
    connections: 16,
    yardstick: false,
    bySize: false,
    load: exchanges(({ readers }) => readers.map(create)),
  },
  repair: {
    title: 'process: whole repair, in four transitions',
    connections: 16,
    yardstick: false,
    bySize: false,
    load: async ({ people }) => ({ steps: repair(people) }),
  },
  register: {
    title: 'register (POST /user/register)',
    connections: 16,
    yardstick: true,
    bySize: false,
    load: exchanges(() => [register]),
  },
  mix: { title: 'a mix of all, mostly reads', connections: 16, yardstick: false, bySize: false, load: mix },
} satisfies Record<string, Workload>;
export type WorkloadName = keyof typeof workloads;
