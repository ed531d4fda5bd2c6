import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type NatsServer, startNatsServer } from '@vestibule/shared/test/nats-server';
import { startPostgresServer } from '@vestibule/shared/test/postgres-server';
import { startRedisServer } from '@vestibule/shared/test/redis-server';
import { freePort, type ServerProcess, startServer } from '@vestibule/shared/test/server-process';
import type { Test } from 'tap';

const entries = {
  user: 'services/user/src/server.ts',
  auth: 'services/auth/src/server.ts',
  verification: 'services/verification/src/server.ts',
  process: 'services/process/src/server.ts',
  gateway: 'gateway/src/server.ts',
} as const;
export type PartName = keyof typeof entries;

/** The folder that the test itself belongs to. */
const thisTree = fileURLToPath(new URL('../../', import.meta.url));

/** One process of the platform, as an operator starts it. */
export type Part = ServerProcess & {
  name: PartName;
  /** Where clients reach it if it is a gateway; its health checks otherwise. */
  url: string;
  /** Its port for operations. */
  ops: string;
};

export type Platform = {
  nats: NatsServer;
  redis: Awaited<ReturnType<typeof startRedisServer>>;
  postgres: Awaited<ReturnType<typeof startPostgresServer>>;
  parts: Part[];
  /** Base URLs of the gateways. */
  gateways: string[];
  /** What each part was started with, for further ones. */
  settings: Record<string, string>;
};

export type StartOptions = {
  /** The folder whose code it runs. */
  tree?: string;
  /** Gets all that it prints. */
  onOutput?: (text: string) => void;
  /** A file to which it prints itself. */
  logFile?: string;
};

/**
 * Starts a program of this repository, on free ports unless `settings` has one, and resolves when it is ready.
 * `serves`: whether it listens on `PORT`, as a gateway does, besides its port for operations.
 */
export async function startProgram(
  file: string,
  settings: Readonly<Record<string, string>>,
  { tree = thisTree, serves, ...printing }: StartOptions & { serves: boolean },
): Promise<ServerProcess & Pick<Part, 'url' | 'ops'>> {
  const PORT = settings.PORT ?? String(await freePort());
  const OPS_PORT = String(await freePort());
  const port = Number(serves ? PORT : OPS_PORT);
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(1000) }).catch(
      () => undefined,
    );
    return answer?.ok === true;
  };
  const env = { PATH: process.env.PATH, ...settings, HOST: '127.0.0.1', PORT, OPS_PORT };
  const args = [join(tree, file)];
  const started = await startServer({
    command: process.execPath,
    args,
    env,
    port,
    ready,
    patienceMs: 60_000,
    ...printing,
  });
  return Object.assign(started, { url, ops: `http://127.0.0.1:${OPS_PORT}` });
}

/** Starts one process of the platform, on a free port unless `settings` has one, and resolves when it is ready. */
export async function startPart(
  name: PartName,
  settings: Readonly<Record<string, string>>,
  options: StartOptions = {},
): Promise<Part> {
  const started = await startProgram(entries[name], settings, { ...options, serves: name === 'gateway' });
  return Object.assign(started, { name });
}

/** Processes of the platform on servers that the settings name, two of each unless told otherwise; ended with the test. */
export async function startParts(
  t: Test,
  settings: Record<string, string>,
  replicas: Partial<Record<PartName, number>> = {},
): Promise<{ parts: Part[]; gateways: string[] }> {
  const names = (['user', 'auth', 'verification', 'process', 'gateway'] as const).flatMap((name) =>
    Array<PartName>(replicas[name] ?? 2).fill(name),
  );
  const parts = await Promise.all(
    names.map(async (name) => {
      const part = await startPart(name, settings);
      t.teardown(() => part.kill());
      return part;
    }),
  );
  const gateways = parts.filter((part) => part.name === 'gateway').map((part) => part.url);
  return { parts, gateways };
}

/**
 * The platform as it runs in production: real servers, and each service in processes of its own, two of
 * each unless told otherwise. Torn down with the test.
 */
export async function startPlatform(
  t: Test,
  {
    replicas = {},
    settings = {},
    natsSettings = [],
  }: {
    replicas?: Partial<Record<PartName, number>>;
    settings?: Record<string, string>;
    /** Lines of the broker's configuration. */
    natsSettings?: readonly string[];
  } = {},
): Promise<Platform> {
  const [nats, redis, postgres] = await Promise.all([
    startNatsServer({ settings: natsSettings }),
    startRedisServer(),
    startPostgresServer({ durable: true }),
  ]);
  t.teardown(() => Promise.all([nats.stop(), redis.stop(), postgres.stop()]));
  const common = {
    NATS_URL: nats.url,
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
    LOG_LEVEL: 'warn',
    ...settings,
  };
  return { nats, redis, postgres, ...(await startParts(t, common, replicas)), settings: common };
}
