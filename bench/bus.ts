/**
 * What a call over the bus costs: CPU of who asks, who answers and the broker, in microseconds per call.
 *
 *   node bin/launch.mjs node bench/bus.ts [embedded|nats] [CALLS] [ACCOUNTS] [PROFILE-FOLDER]
 *
 * Asks 64 times at once, CALLS times in all (100000), for so many accounts (1) in one answer, with metrics and log lines
 * as in a service, after a quarter of it to warm up; an account is some 400 bytes. On `nats` a nats-server of its own on this machine, and a process each for the two ends.
 * Each call and each answer is sent from an event of its own, as those of different requests and queries are.
 * With PROFILE-FOLDER each end leaves a CPU profile there, which slows it down.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { createBusMetrics } from '@vestibule/shared/bus/bus-metrics';
import { memoryBus } from '@vestibule/shared/bus/memory-bus';
import { natsBus } from '@vestibule/shared/bus/nats-bus';
import { Account } from '@vestibule/shared/contracts/account';
import { contract } from '@vestibule/shared/contracts/contract';
import { createLogger } from '@vestibule/shared/logger';
import { Registry } from '@vestibule/shared/metrics';
import { Type } from '@vestibule/shared/schema';
import { startNatsServer } from '@vestibule/shared/test/nats-server';

const atOnce = 64;
const contracts = {
  get: contract({
    subject: 'user.get',
    summary: 'Accounts.',
    request: Type.Object({ id: Type.Integer() }),
    reply: Type.Object({ accounts: Type.Array(Account) }),
    errors: [],
    idempotent: true,
  }),
};

const account: Account = {
  id: 12_345_678,
  role: 'normal',
  status: 'active',
  nickname: 'zhang.san',
  profile: {
    firstName: 'San',
    lastName: 'Zhang',
    name: '张三',
    phone: '13800138000',
    address: '北京市海淀区中关村大街1号',
    company: 'Example Ltd.',
    age: 42,
    email: 'zhang.san@example.com',
    position: 'engineer',
    qq: '1234567',
    cardno: '',
    wxid: 'zhangsan42',
  },
  createdAt: '2026-01-02T03:04:05.678Z',
  modifiedAt: '2026-02-03T04:05:06.789Z',
};

/** Processor time in microseconds: its own, and the system's for it. */
type Spent = { user: number; system: number };
type Figures = { calls: number; seconds: number; spent: Spent };

const logger = createLogger({ level: 'info', name: 'bench' });
const open = async (url: string | undefined, name: string) => {
  const parts = { clock: Date.now, logger, metrics: createBusMetrics(new Registry()) };
  return url === undefined ? memoryBus(parts) : natsBus({ url, namespace: 'bench', name, ...parts });
};
type OpenBus = Awaited<ReturnType<typeof open>>;

const since = (after: Spent, before: Spent): Spent => ({
  user: after.user - before.user,
  system: after.system - before.system,
});

async function serve(bus: OpenBus): Promise<void> {
  const answer = { accounts: Array<Account>(accounts).fill(account) };
  const get = async () => {
    await setImmediate();
    return answer;
  };
  await bus.serve({ name: 'user', version: '1.0.0', contracts, handlers: { get } });
}

/** One of several clients that ask in turn; each answer is looked at. */
async function ask(bus: OpenBus, calls: number): Promise<void> {
  for (let call = 0; call < calls; call++) {
    const answer = await bus.call(
      contracts.get,
      { id: account.id },
      {
        requestId: `0b0b5c5e-71b6-4d5c-8f0e-${String(call).padStart(12, '0')}`,
        deadline: Date.now() + 5000,
        address: '192.0.2.7',
        caller: { accountId: account.id, role: 'normal', status: 'active' },
      },
    );
    if (answer.accounts.at(-1)?.nickname !== account.nickname || answer.accounts.length !== accounts)
      throw new Error('a wrong answer');
    await setImmediate();
  }
}

async function drive(bus: OpenBus, calls: number): Promise<Figures> {
  const [begin, before] = [performance.now(), process.cpuUsage()];
  const each = Math.ceil(calls / atOnce);
  await Promise.all(Array.from({ length: atOnce }, () => ask(bus, each)));
  return {
    calls: each * atOnce,
    seconds: (performance.now() - begin) / 1000,
    spent: process.cpuUsage(before),
  };
}

/** What another process has had of the CPUs so far. */
function spentBy(pid: number): Spent {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  // Fields 14 and 15 of proc(5), in hundredths of a second.
  return { user: Number(fields[11]) * 10_000, system: Number(fields[12]) * 10_000 };
}

function perCall({ user, system }: Spent, { calls }: Figures): string {
  const [whole, kernel] = [(user + system) / calls, system / calls].map((each) => each.toFixed(1));
  return `${whole} µs (system ${kernel})`;
}
const tell = (line: string) => process.stderr.write(`${line}\n`);

async function tellOne(child: ChildProcess, question: string): Promise<unknown> {
  const answered = once(child, 'message');
  child.send(question);
  return (await answered)[0];
}

const spentNow = async (child: ChildProcess, question: string) => (await tellOne(child, question)) as Spent; // What `process.cpuUsage` gave, sent by our own child.

const [mode = 'nats', count = '100000', size = '1', folder, url, end] = process.argv.slice(2);
const [calls, accounts] = [Number(count), Number(size)];

if (end === 'server') {
  const bus = await open(url, 'server');
  await serve(bus);
  process.on('message', async (question) => {
    if (question === 'end') await bus.close();
    process.send?.(process.cpuUsage());
    if (question === 'end') process.disconnect?.();
  });
  process.send?.('ready');
} else if (end === 'caller') {
  const bus = await open(url, 'caller');
  process.on('message', async (question) => {
    process.send?.(await drive(bus, question === 'warm up' ? calls / 4 : calls));
    if (question === 'measure') await bus.close().then(() => process.disconnect?.());
  });
  process.send?.('ready');
} else if (mode === 'embedded') {
  const bus = await open(undefined, 'bench');
  await serve(bus);
  await drive(bus, calls / 4);
  const figures = await drive(bus, calls);
  tell(`embedded: ${perCall(figures.spent, figures)} a call, both ends`);
  await bus.close();
} else {
  const broker = await startNatsServer();
  const execArgv = folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];
  const start = async (which: string): Promise<ChildProcess> => {
    const child = fork(import.meta.filename, ['nats', count, size, folder ?? '', broker.url, which], {
      execArgv,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    // As a container's output is taken.
    child.stdout?.resume();
    await once(child, 'message');
    return child;
  };
  const [server, caller] = [await start('server'), await start('caller')];
  await tellOne(caller, 'warm up');
  const before = { server: await spentNow(server, 'now'), broker: spentBy(broker.pid) };
  const figures = (await tellOne(caller, 'measure')) as Figures; // What `drive` gave, sent by our own child.
  const brokerSpent = since(spentBy(broker.pid), before.broker);
  const serverSpent = since(await spentNow(server, 'end'), before.server);
  tell(
    [
      `nats: caller ${perCall(figures.spent, figures)}, server ${perCall(serverSpent, figures)}`,
      `broker ${perCall(brokerSpent, figures)} a call; ${Math.round(figures.calls / figures.seconds)} calls/s`,
    ].join(', '),
  );
  await broker.stop();
}
