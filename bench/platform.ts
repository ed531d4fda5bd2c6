import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNatsServer } from '@vestibule/shared/test/nats-server';
import { startPostgresServer } from '@vestibule/shared/test/postgres-server';
import { startRedisServer } from '@vestibule/shared/test/redis-server';
import { type PartName, startPart, startProgram } from '../test/harness/platform.ts';
import { faultsIn } from './faults.ts';
import type { Watched } from './usage.ts';

/**
 * What is set other than an operator gets it by default: secrets and providers that production asks for, of which none
 * is called here, and limits per address, since all requests come from one. They are counted all the same.
 */
export const raisedLimits = {
  CAPTCHA_PER_MINUTE: '1000000',
  REGISTER_RATE: '1000000',
  GUESS_PAIR_LIMIT: '1000000',
  GUESS_ADDRESS_LIMIT: '1000000',
  GUESS_ACCOUNT_LIMIT: '1000000',
};

const production = () => ({
  NODE_ENV: 'production',
  KEYS_SECRET: randomBytes(32).toString('hex'),
  WECHAT_APPID: 'wx-bench',
  WECHAT_SECRET: 'bench',
  SMS_PROVIDER: 'webhook',
  SMS_WEBHOOK_URL: 'https://sms.invalid/',
  SMS_WEBHOOK_SECRET: randomBytes(32).toString('hex'),
  ...raisedLimits,
});

/** What makes a process write a CPU profile into that folder when it is told to: see profiled.ts. */
export const profiling = (folder: string | undefined, name: string): Record<string, string> =>
  folder === undefined
    ? {}
    : {
        NODE_OPTIONS: `--import=${join(import.meta.dirname, 'profiled.ts')}`,
        BENCH_PROFILE: join(folder, `${name}.cpuprofile`),
      };

/** As bin/launch.mjs sets them for whatever it starts. */
const launched = {
  UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? String(availableParallelism()),
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '',
  NODE_OPTIONS: process.env.NODE_OPTIONS ?? '',
  MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? '',
};

export const partNames = ['user', 'auth', 'verification', 'process', 'gateway'] as const satisfies PartName[];
export type Replicas = Partial<Record<PartName, number>>;

/** A running platform. */
export type Platform = {
  /** Where clients ask. */
  urls: string[];
  /** What each part was started with. */
  settings: Readonly<Record<string, string>>;
  /** All processes, by the name of their part or server. */
  watched: Watched[];
  /** Of its Postgres; absent where it is embedded. */
  database?: string;
  /** Milliseconds from its start until it was ready, where its data and what it compiles were there already. */
  readyMs?: number;
  /** The last lines of its logs that tell of a fault. */
  faults(): string[];
  /** Ends it and removes what it has kept. */
  stop(): Promise<void>;
};

/** So many processes of each part; one unless told otherwise. */
export const partsOf = (replicas: Replicas): PartName[] =>
  partNames.flatMap((name) => Array<PartName>(replicas[name] ?? 1).fill(name));

/** Processes of the platform as an operator starts them, on a Postgres, NATS and Redis of their own. */
export async function startOnServers(
  tree: string,
  names: readonly PartName[],
  profiles?: string,
): Promise<Platform> {
  const opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-bench-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const stopping = <S extends { stop(): Promise<void> }>(server: S): S =>
    opened.adopt(server, () => server.stop());
  try {
    const nats = stopping(await startNatsServer());
    const redis = stopping(await startRedisServer());
    const postgres = stopping(await startPostgresServer({ durable: true }));
    const settings = {
      ...production(),
      ...launched,
      NATS_URL: nats.url,
      REDIS_URL: redis.url,
      DATABASE_URL: postgres.url,
    };
    const logOf = (name: string, index: number) => join(folder, `${name}-${index}.log`);
    const parts = await Promise.all(
      names.map(async (name, index) =>
        stopping(
          await startPart(
            name,
            { ...settings, ...profiling(profiles, name) },
            { tree, logFile: logOf(name, index) },
          ),
        ),
      ),
    );
    const servers = Object.entries({ postgres, nats, redis });
    return {
      urls: parts.filter(({ name }) => name === 'gateway').map(({ url }) => url),
      settings,
      watched: [
        ...parts.map(({ name, pid }) => ({ name, pid })).reverse(),
        ...servers.map(([name, { pid }]) => ({ name, pid })),
      ],
      database: postgres.url,
      faults: () => faultsIn(folder),
      stop: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

/** Everything in one process on embedded parts, in a folder that `fill` may write into before it starts. */
export async function startEmbedded(
  tree: string,
  fill: (dataDir: string) => Promise<void>,
  profiles?: string,
): Promise<Platform> {
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-bench-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const DATA_DIR = join(folder, 'data');
    await fill(DATA_DIR);
    const settings = { ...production(), ...launched, ...profiling(profiles, 'embedded'), DATA_DIR };
    const logFile = join(folder, 'embedded.log');
    const start = () => startProgram('main.ts', settings, { tree, logFile, serves: true });
    // The first start makes the tables, and the cache of what it compiles.
    await (await start()).stop();
    const begun = performance.now();
    const server = await start();
    const readyMs = performance.now() - begun;
    return {
      urls: [server.url],
      settings,
      watched: [{ name: 'embedded', pid: server.pid }],
      readyMs,
      faults: () => faultsIn(folder),
      async stop() {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
