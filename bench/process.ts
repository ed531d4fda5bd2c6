/**
 * What a process transition costs, persisted with history and event and the event published: transitions a second, and
 * CPU of the process service, of Postgres and of NATS in microseconds per transition.
 *
 *   node bin/launch.mjs node bench/process.ts [--count N] [--callers 1,8,32] [--statements] [--tree FOLDER] [--profile FOLDER]
 *
 * Runs one process service in a process of its own on a Postgres (with fsync), NATS and Redis of its own; the user service
 * is a stand-in that knows every name. N (400) repairs are created, claimed, reported, confirmed, N more cancelled, and N
 * done as a whole, each with 1, 8 and 32 callers at once; a stage ends when the outbox is empty. `--statements` also
 * lists what Postgres is asked per transition of whole repairs. FOLDER is the root of another checkout, whose service is measured.
 * `--profile` leaves a profile of the service there.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { natsBus } from '@vestibule/shared/bus/nats-bus';
import { userContracts } from '@vestibule/shared/contracts/user';
import { createLogger } from '@vestibule/shared/logger';
import { startNatsServer } from '@vestibule/shared/test/nats-server';
import { startPostgresServer } from '@vestibule/shared/test/postgres-server';
import { startRedisServer } from '@vestibule/shared/test/redis-server';
import { until } from '@vestibule/shared/test/server-process';
import pg from 'pg';
import { leak, newestTask, somebody } from '../services/process/test/process-service.ts';
import { startPart } from '../test/harness/platform.ts';
import { inParallel } from '../test/harness/process-clients.ts';

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '400' },
    callers: { type: 'string', default: '1,8,32' },
    statements: { type: 'boolean', default: false },
    tree: { type: 'string', default: '.' },
    profile: { type: 'string' },
  },
});
const count = Number(options.count);
const print = (line: string) => process.stdout.write(`${line}\n`);

const [nats, redis, postgres] = await Promise.all([
  startNatsServer(),
  startRedisServer(),
  startPostgresServer({ durable: true }),
]);

async function administer(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}
await administer("alter system set shared_preload_libraries = 'pg_stat_statements'");
await postgres.restart();
await administer('create extension pg_stat_statements', "alter system set pg_stat_statements.track = 'none'");
await administer('select pg_reload_conf()');

const logger = createLogger({ level: 'silent', name: 'bench' });
const clock = Date.now;
const bus = await natsBus({
  url: nats.url,
  namespace: 'vestibule',
  name: 'bench',
  clock,
  logger,
  secondTryMs: 600_000,
});

await bus.serve({
  name: 'user',
  version: '1.0.0',
  contracts: { names: userContracts.names },
  handlers: { names: async ({ ids }) => ({ names: ids.map((id) => ({ id, name: `Person ${id}` })) }) },
});

const service = await startPart(
  'process',
  {
    NATS_URL: nats.url,
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
    LOG_LEVEL: 'warn',
    ...(options.profile === undefined
      ? {}
      : { NODE_OPTIONS: `--cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=${resolve(options.profile)}` }),
  },
  { tree: resolve(options.tree) },
);
const pool = new pg.Pool({ connectionString: postgres.url, max: 1 });

const tickMs = 10;
/** User and system time of a process, and of its ended children where `withEnded`, in microseconds. */
function cpuOf(pid: number, withEnded = false): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticks = [11, 12, ...(withEnded ? [13, 14] : [])].map((field) => Number(fields[field]));
  return ticks.reduce((sum, one) => sum + one, 0) * tickMs * 1000;
}

function postgresCpu(): number {
  const children = readFileSync(`/proc/${postgres.pid}/task/${postgres.pid}/children`, 'utf8');
  return children
    .split(' ')
    .filter(Boolean)
    .reduce((sum, child) => sum + cpuOf(Number(child)), cpuOf(postgres.pid, true));
}

const cpu = () => [cpuOf(service.pid), postgresCpu(), cpuOf(nats.pid)] as const;

async function published(): Promise<void> {
  await until(
    'the outbox is empty',
    async () => (await pool.query('select 1 from process.outbox limit 1')).rowCount === 0,
    60_000,
  );
}

async function stage<T>(name: string, transitions: number, work: () => Promise<T>): Promise<T> {
  const before = cpu();
  const begun = performance.now();
  const result = await work();
  const seconds = (performance.now() - begun) / 1000;
  await published();
  const [node, rows, broker] = cpu().map((after, index) =>
    Math.round((after - (before[index] ?? 0)) / transitions),
  );
  const rate = Math.round(transitions / seconds);
  print(
    `${name.padEnd(24)} ${String(rate).padStart(6)}/s   service ${String(node).padStart(5)} µs   postgres ${String(rows).padStart(5)} µs   nats ${String(broker).padStart(4)} µs`,
  );
  return result;
}

const parts = { bus, clock };
const applicant = (index: number) =>
  somebody(parts, { accountId: 20_000_000 + index, role: 'normal', status: 'active' });
const worker = (index: number) =>
  somebody(parts, { accountId: 30_000_000 + index, role: 'repair', status: 'active' });
const indexes = Array.from({ length: count }, (_, index) => index);
const form = (index: number) => ({ ...leak, title: `Tap ${index} drips` });

async function wholeRepair(index: number): Promise<void> {
  const task = newestTask(await applicant(index).start(form(index)));
  await worker(index).claim(task);
  const reported = await worker(index).complete(task, { report: 'Washer replaced' });
  const { status } = await applicant(index).complete(newestTask(reported), { result: 'accepted' });
  if (status !== 'completed') throw new Error(`a repair ended as ${status}`);
}

async function measure(callers: number): Promise<void> {
  const all = <Item, Result>(items: readonly Item[], work: (item: Item, index: number) => Promise<Result>) =>
    inParallel(callers, items, work);
  const called = (name: string) => `${name}, ${callers} at once`;
  const created = await stage(called('create'), count, () =>
    all(indexes, async (index) => newestTask(await applicant(index).start(form(index)))),
  );
  await stage(called('claim'), count, () => all(created, (task, index) => worker(index).claim(task)));
  const reported = await stage(called('complete'), count, () =>
    all(created, async (task, index) =>
      newestTask(await worker(index).complete(task, { report: 'Washer replaced' })),
    ),
  );
  await stage(called('confirm'), count, () =>
    all(reported, (task, index) => applicant(index).complete(task, { result: 'accepted' })),
  );
  const more = await all(indexes, (index) => applicant(index).start(form(index)));
  await published();
  await stage(called('cancel'), count, () => all(more, ({ id }, index) => applicant(index).cancel(id)));
  await stage(called('whole repair'), count * 4, () => all(indexes, wholeRepair));
}

async function listStatements(): Promise<void> {
  await administer("alter system set pg_stat_statements.track = 'top'", 'select pg_reload_conf()');
  // The setting reaches the backends of the service between two statements.
  await inParallel(8, indexes.slice(0, 20), wholeRepair);
  await published();
  await administer('select pg_stat_statements_reset()');
  await inParallel(8, indexes, wholeRepair);
  await published();
  const { rows } = await pool.query<{ calls: number; us: number; query: string }>(`
    select calls::float8 / ${count * 4} as calls, (total_exec_time * 1000 / calls)::float8 as us,
      regexp_replace(query, '\\s+', ' ', 'g') as query
    from pg_stat_statements where query not like '%pg_stat%' and query <> 'select $1 from process.outbox limit $2'
    order by calls desc`);
  const sum = rows.reduce((total, { calls }) => total + calls, 0);
  print(`\n${sum.toFixed(2)} statements per transition of whole repairs, 8 at once:`);
  for (const { calls, us, query } of rows.slice(0, 30)) {
    print(`${calls.toFixed(2).padStart(6)} × ${us.toFixed(0).padStart(5)} µs  ${query.slice(0, 150)}`);
  }
}

try {
  await inParallel(8, indexes.slice(0, 200), wholeRepair);
  await published();
  for (const callers of options.callers.split(',')) await measure(Number(callers));
  if (options.statements) await listStatements();
} finally {
  await service.stop();
  await bus.close();
  await pool.end();
  await Promise.all([nats.stop(), redis.stop(), postgres.stop()]);
}
