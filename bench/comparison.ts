import { treeOf } from '../test/harness/previous-commit.ts';
import { type Contender, openPlatform, openYardstick, thisTree } from './contender.ts';
import { driverOf } from './drive.ts';
import { insistOnSameAnswers, measure, type Side } from './measure.ts';
import type { Options } from './options.ts';
import { partsOf, startOnServers } from './platform.ts';
import type { Measured } from './text.ts';
import { type Workload, type WorkloadName, workloads } from './workloads.ts';

/** What its logs tell of faults is told here, too. */
async function close({ name, faults, stop }: Contender): Promise<void> {
  for (const line of faults()) console.error(`${name} logged ${line}`);
  await stop();
}

/** Starts those that are compared, the platform of this tree first; each is closed with `opened`. */
export async function openContenders(
  { yardstick, replicas, against, embedded, profiles }: Options,
  accounts: number,
  opened: AsyncDisposableStack,
): Promise<Contender[]> {
  const contenders: Contender[] = [];
  const add = async (opening: Promise<Contender>) => {
    contenders.push(opened.adopt(await opening, close));
  };
  const common = { accounts, profiles };
  const alone = yardstick === 'alone';
  const platform = await startOnServers(thisTree, alone ? [] : partsOf(replicas), profiles);
  if (alone) opened.defer(platform.stop);
  else await add(openPlatform('platform', thisTree, { ...common, platform }));
  if (yardstick !== 'without') await add(openYardstick(platform, common));
  if (against !== undefined) {
    const { tree, remove } = await treeOf(against);
    opened.defer(remove);
    const other = await startOnServers(tree, partsOf(replicas));
    await add(openPlatform(against, tree, { ...common, platform: other }));
  }
  if (embedded) await add(openPlatform('embedded', thisTree, { ...common, embedded: true }));
  return contenders;
}

/** Those who know a workload, each with what it is asked. */
export function sidesOf(name: WorkloadName, contenders: readonly Contender[]): Promise<Side[]> {
  const workload: Workload = workloads[name];
  const able = contenders.filter((one) => workload.yardstick || one.name !== 'yardstick');
  return Promise.all(
    able.map(async ({ name, urls, watched, people }) => {
      const load = await workload.load({ url: urls[0] ?? '', people });
      return { name, urls, watched, load };
    }),
  );
}

/** One workload on all who know it; null where nobody does. */
export async function measureWorkload(
  name: WorkloadName,
  contenders: readonly Contender[],
  options: Pick<Options, 'connections' | 'runs' | 'seconds' | 'warmUpSeconds'>,
): Promise<Omit<Measured, 'accounts'> | null> {
  const sides = await sidesOf(name, contenders);
  const [first] = sides;
  if (first === undefined) return null;
  insistOnSameAnswers(sides);
  const { title, connections: usual } = workloads[name];
  const { seconds, connections = usual } = options;
  const figures = await measure(sides, { ...options, connections });
  return { workload: name, title, connections, driver: driverOf(first.load), seconds, sides: figures };
}
