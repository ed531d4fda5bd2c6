// Measures the platform under load, beside the yardstick or another commit: see `--help`.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { treeOf } from '../test/harness/previous-commit.ts';
import { driverOf, measure, type Side } from './measure.ts';
import { type Options, readOptions, usage } from './options.ts';
import { fillEmbedded, fillServers, type People, signIn } from './people.ts';
import { type Platform, raisedLimits, startEmbedded, startOnServers } from './platform.ts';
import { lines, type Measured, memoryLine } from './text.ts';
import { type Figures, memoryOf, type Watched } from './usage.ts';
import { type Workload, workloads } from './workloads.ts';

const thisTree = fileURLToPath(new URL('..', import.meta.url));

/** A platform that is measured, with its people signed in. */
type Contender = { name: string; tree: string; platform: Platform; people: People; restMiB: Figures };

async function open(name: string, tree: string, options: Options, accounts: number): Promise<Contender> {
  const embedded = name === 'embedded';
  const platform = embedded
    ? await startEmbedded(tree, (dataDir) => fillEmbedded(tree, dataDir, accounts))
    : await startOnServers(tree, options.replicas);
  try {
    if (platform.database !== undefined) await fillServers(tree, platform.database, 0, accounts);
    const people = await signIn(platform.urls[0] ?? '');
    return { name, tree, platform, people, restMiB: memoryOf(platform.watched) };
  } catch (error) {
    await platform.stop();
    throw error;
  }
}

const revision = () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', thisTree, ...args], { encoding: 'utf8' }).trim();
  return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' with changes');
};

async function run(options: Options): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const [smallest = 10_000] = options.accounts;
  const trees: [name: string, tree: string][] = [['platform', thisTree]];
  if (options.against !== undefined) {
    const { tree, remove } = await treeOf(options.against);
    opened.defer(remove);
    trees.push([options.against, tree]);
  }
  if (options.embedded) trees.push(['embedded', thisTree]);
  const contenders: Contender[] = [];
  for (const [name, tree] of trees) {
    contenders.push(
      opened.adopt(await open(name, tree, options, smallest), ({ platform }) => platform.stop()),
    );
  }

  console.log(
    `${revision()}; ${availableParallelism()} cores, ${cpus()[0]?.model}; Node.js ${process.version}`,
  );
  console.log(
    'production profile, JSON logs into files, metrics on, sessions checked; set besides the defaults:',
  );
  console.log(
    Object.entries(raisedLimits)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  );
  for (const { name, restMiB } of contenders)
    console.log(`${name} at rest: memory MiB ${memoryLine(restMiB)}`);

  const all: Measured[] = [];
  let filled = smallest;
  for (const accounts of options.accounts) {
    if (accounts > filled) {
      for (const { tree, platform } of contenders) {
        if (platform.database !== undefined) await fillServers(tree, platform.database, filled, accounts);
      }
      filled = accounts;
    }
    for (const name of options.workloads) {
      const workload: Workload = workloads[name];
      const sides = await Promise.all(
        contenders.map(async (one): Promise<Side> => {
          const { urls, watched }: { urls: string[]; watched: Watched[] } = one.platform;
          const load = await workload.load({ url: urls[0] ?? '', people: one.people });
          return { name: one.name, urls, watched, load };
        }),
      );
      const [first] = sides;
      if (first === undefined) continue;
      const connections = options.connections ?? workload.connections;
      const { title } = workload;
      const { runs, seconds, warmUpSeconds } = options;
      const figures = await measure(sides, { runs, seconds, warmUpSeconds, connections });
      const driver = driverOf(first.load);
      const measured = { workload: name, title, accounts, connections, driver, seconds, sides: figures };
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
