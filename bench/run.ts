// Measures the platform under load, beside the yardstick or another commit: see `--help`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { measureWorkload, openContenders, sidesOf } from './comparison.ts';
import { type Contender, thisTree } from './contender.ts';
import { markdown, type Report, withFigures } from './markdown.ts';
import { type Options, readOptions, usage } from './options.ts';
import { raisedLimits } from './platform.ts';
import { profileRun } from './profiling.ts';
import { type Minute, soak } from './soak.ts';
import { lines, type Measured, memoryLine } from './text.ts';
import { workloads } from './workloads.ts';

const revision = () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', thisTree, ...args], { encoding: 'utf8' }).trim();
  return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' with changes');
};

/** What the figures hold for. */
function conditionsOf(contenders: readonly Contender[]): string {
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model}), Node.js ${process.version}`;
  const raised = Object.entries(raisedLimits).map(([name, value]) => `${name}=${value}`);
  const rest = contenders.map(({ name, restMiB }) => `${name} ${memoryLine(restMiB)} MiB`);
  return [
    `${new Date().toISOString().slice(0, 10)}, ${revision()}, ${machine}.`,
    'Production profile, JSON logs into files, metrics on, sessions checked; limits per address are counted, and set to',
    `${raised.join(', ')}, as all requests come from one.`,
    `Memory (PSS) before the first workload: ${rest.join('; ')}.`,
    ...contenders.flatMap(({ name, readyMs }) =>
      readyMs === undefined
        ? []
        : [`A warm start of ${name} was ready after ${(readyMs / 1000).toFixed(1)} s.`],
    ),
  ].join('\n');
}

async function measureAll(contenders: readonly Contender[], options: Options): Promise<Measured[]> {
  const all: Measured[] = [];
  let accounts = options.accounts[0] ?? 0;
  for (const size of options.accounts) {
    for (const { grow } of contenders) if (size > accounts) await grow?.(accounts, size);
    const isFirst = size === options.accounts[0];
    const isLast = size === options.accounts.at(-1);
    accounts = size;
    for (const name of options.workloads) {
      const { bySize } = workloads[name];
      // What writes comes last: until then all have the same accounts.
      if (!bySize && !isLast) continue;
      const able = contenders.filter(({ grow }) => grow !== undefined || isFirst || !bySize);
      const figures = await measureWorkload(name, able, options);
      if (figures === null) continue;
      const measured = { ...figures, accounts };
      all.push(measured);
      console.log(`\n${lines(measured).join('\n')}`);
      if (options.profiles === undefined) continue;
      const { connections, seconds } = figures;
      for (const side of await sidesOf(name, able)) {
        await profileRun(name, side, { folder: options.profiles, connections, seconds });
      }
    }
  }
  return all;
}

function write({ json, report, section }: Options, figures: Report): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
  if (report === undefined) return;
  const text = readFileSync(report, 'utf8');
  writeFileSync(report, withFigures(text, section, markdown(figures)));
}

async function run(options: Options, command: string): Promise<void> {
  await using opened = new AsyncDisposableStack();
  // Whoever interrupts it finds nothing of it left.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void opened.disposeAsync().finally(() => process.exit(1)));
  }
  if (options.profiles !== undefined) mkdirSync(options.profiles, { recursive: true });
  const contenders = await openContenders(options, options.accounts[0] ?? 0, opened);
  const conditions = conditionsOf(contenders);
  console.log(conditions);
  const minutes: Minute[] = [];
  const [first] = contenders;
  if (options.minutes === undefined || first === undefined) {
    const measured = await measureAll(contenders, options);
    write(options, { command, conditions, measured, minutes });
    return;
  }
  minutes.push(...(await soak(first, options.minutes, options.connections)));
  write(options, { command, conditions, measured: [], minutes });
}

try {
  const args = process.argv.slice(2);
  const options = readOptions(args);
  if (options === null) console.log(usage);
  else await run(options, args.join(' '));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof Error && error.cause !== undefined) console.error(error.cause);
  process.exitCode = 1;
}
