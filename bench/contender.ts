import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../test/harness/platform.ts';
import { faultsIn } from './faults.ts';
import { fillEmbedded, fillServers, type People, signIn } from './people.ts';
import { type Platform, profiling, startEmbedded } from './platform.ts';
import { type Figures, memoryOf, type Watched } from './usage.ts';
import { makeYardstickDatabase } from './yardstick/database.ts';

/** One of those that are compared: it runs, has its accounts, and its people are signed in. */
export type Contender = {
  name: string;
  urls: readonly string[];
  watched: readonly Watched[];
  people: People;
  /** Memory before the first request of a workload. */
  restMiB: Figures;
  /** See Platform. */
  readyMs?: number;
  /** Makes its accounts more; absent where nobody else gets at its database. */
  grow?: (from: number, to: number) => Promise<void>;
  /** The last lines of its logs that tell of a fault. */
  faults(): string[];
  stop(): Promise<void>;
};

export const thisTree = fileURLToPath(new URL('..', import.meta.url));

/** The platform of a tree: its processes on servers, or all in one where `embedded` says so. */
export async function openPlatform(
  name: string,
  tree: string,
  start: { accounts: number; profiles: string | undefined } & ({ embedded: true } | { platform: Platform }),
): Promise<Contender> {
  const { accounts, profiles } = start;
  const platform =
    'platform' in start
      ? start.platform
      : await startEmbedded(tree, (dataDir) => fillEmbedded(tree, dataDir, accounts), profiles);
  const { database, urls, watched, faults, stop, readyMs } = platform;
  const readiness = readyMs === undefined ? {} : { readyMs };
  const growth =
    database === undefined
      ? {}
      : { grow: (from: number, to: number) => fillServers(tree, database, from, to) };
  try {
    await growth.grow?.(0, accounts);
    const people = await signIn(urls[0] ?? '');
    return { name, urls, watched, people, restMiB: memoryOf(watched), ...readiness, ...growth, faults, stop };
  } catch (error) {
    for (const line of faults()) console.error(`${name} logged ${line}`);
    await stop();
    throw error;
  }
}

/** The server without a hop, beside a platform: on its Postgres, in a database of its own, and on its Redis. */
export async function openYardstick(
  platform: Platform,
  { accounts, profiles }: { accounts: number; profiles: string | undefined },
): Promise<Contender> {
  const { database: server = '', settings, watched: others } = platform;
  const opened = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'vestibule-bench-'));
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    const database = await makeYardstickDatabase(server);
    const grow = (from: number, to: number) => fillServers(thisTree, database, from, to);
    await grow(0, accounts);
    const started = await startProgram(
      'bench/yardstick/server.ts',
      { ...settings, ...profiling(profiles, 'yardstick'), DATABASE_URL: database },
      { serves: true, logFile: join(folder, 'yardstick.log') },
    );
    opened.adopt(started, (server) => server.stop());
    const watched = [
      { name: 'yardstick', pid: started.pid },
      ...others.filter(({ name }) => name === 'postgres' || name === 'redis'),
    ];
    const people = await signIn(started.url);
    return {
      name: 'yardstick',
      urls: [started.url],
      watched,
      people,
      restMiB: memoryOf(watched),
      grow,
      faults: () => faultsIn(folder),
      stop: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}
