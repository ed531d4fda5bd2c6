// Measures the platform under load, beside the yardstick or another commit: see `--help`.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { treeOf } from '../test/harness/previous-commit.ts';
import { type Contender, openPlatform, openYardstick, thisTree } from './contender.ts';
import { driverOf, insistOnSameAnswers, measure, type Side } from './measure.ts';
import { type Options, readOptions, usage } from './options.ts';
import { partsOf, raisedLimits, startOnServers } from './platform.ts';
import { lines, type Measured, memoryLine } from './text.ts';
import { type Workload, type WorkloadName, workloads } from './workloads.ts';

/** What its logs tell of faults is told here, too. */
async function close({ name, faults, stop }: Contender): Promise<void> {
  for (const line of faults()) console.error(`${name} logged ${line}`);
  await stop();
}

/** Starts those that are compared, the platform of this tree first; each is closed with `opened`. */
async function openAll(
  options: Options,
  accounts: number,
  opened: AsyncDisposableStack,
): Promise<Contender[]> {
  const contenders: Contender[] = [];
  const add = async (opening: Promise<Contender>) => {
    contenders.push(opened.adopt(await opening, close));
  };
  const alone = options.yardstick === 'alone';
  const platform = await startOnServers(thisTree, alone ? [] : partsOf(options.replicas));
  if (alone) opened.defer(platform.stop);
  else await add(openPlatform('platform', thisTree, { accounts, platform }));
  if (options.yardstick !== 'without') await add(openYardstick(platform, accounts));
  if (options.against !== undefined) {
    const { tree, remove } = await treeOf(options.against);
    opened.defer(remove);
    const other = await startOnServers(tree, partsOf(options.replicas));
    await add(openPlatform(options.against, tree, { accounts, platform: other }));
  }
  if (options.embedded) await add(openPlatform('embedded', thisTree, { accounts, embedded: true }));
  return contenders;
}

const revision = () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', thisTree, ...args], { encoding: 'utf8' }).trim();
  return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' with changes');
};

function tellConditions(contenders: readonly Contender[]): void {
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model}; Node.js ${process.version}`;
  console.log(`${revision()}; ${machine}`);
  console.log(
    'Production profile, JSON logs into files, metrics on, sessions checked. Set besides the defaults:',
  );
  console.log(
    Object.entries(raisedLimits)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  );
  for (const { name, restMiB } of contenders) console.log(`${name} at rest: MiB ${memoryLine(restMiB)}`);
}

/** One workload on all who know it. */
async function measureWorkload(
  name: WorkloadName,
  contenders: readonly Contender[],
  options: Options,
): Promise<Omit<Measured, 'accounts'> | null> {
  const workload: Workload = workloads[name];
  const able = contenders.filter((one) => workload.yardstick || one.name !== 'yardstick');
  const sides = await Promise.all(
    able.map(async ({ name, urls, watched, people }): Promise<Side> => {
      const load = await workload.load({ url: urls[0] ?? '', people });
      return { name, urls, watched, load };
    }),
  );
  const [first] = sides;
  if (first === undefined) return null;
  insistOnSameAnswers(sides);
  const connections = options.connections ?? workload.connections;
  const { title } = workload;
  const { runs, seconds, warmUpSeconds } = options;
  const figures = await measure(sides, { runs, seconds, warmUpSeconds, connections });
  return { workload: name, title, connections, driver: driverOf(first.load), seconds, sides: figures };
}

async function run(options: Options): Promise<void> {
  await using opened = new AsyncDisposableStack();
  let [accounts = 10_000] = options.accounts;
  const contenders = await openAll(options, accounts, opened);
  tellConditions(contenders);
  const all: Measured[] = [];
  for (const size of options.accounts) {
    for (const { grow } of contenders) if (size > accounts) await grow(accounts, size);
    accounts = size;
    const isLast = size === options.accounts.at(-1);
    for (const name of options.workloads) {
      // What writes comes last: until then all have the same accounts.
      if (!workloads[name].bySize && !isLast) continue;
      const figures = await measureWorkload(name, contenders, options);
      if (figures === null) continue;
      const measured = { ...figures, accounts };
      all.push(measured);
      console.log(`\n${lines(measured).join('\n')}`);
    }
  }
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(all, null, 2)}\n`);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) console.log(usage);
  else await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof Error && error.cause !== undefined) console.error(error.cause);
  process.exitCode = 1;
}
