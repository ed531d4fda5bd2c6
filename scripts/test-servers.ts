import { startNatsServer } from '@vestibule/shared/test/nats-server';
import { startPostgresServer } from '@vestibule/shared/test/postgres-server';
import { startRedisServer } from '@vestibule/shared/test/redis-server';

type Server = { url: string; stop(): Promise<void> };
type Provision = { variable: string; program: string; start: () => Promise<Server> };

const provisions: readonly Provision[] = [
  { variable: 'TEST_DATABASE_URL', program: 'postgres', start: startPostgresServer },
  { variable: 'TEST_NATS_URL', program: 'nats-server', start: startNatsServer },
  { variable: 'TEST_REDIS_URL', program: 'redis-server', start: startRedisServer },
];

export type Servers = {
  /** The variables that tell the tests where the servers are. */
  environment: Record<string, string>;
  stop(): Promise<void>;
};

/** The servers that the environment names; those that it does not are started here, on free ports. */
export async function openServers(given: NodeJS.ProcessEnv): Promise<Servers> {
  const started: Server[] = [];
  const environment: Record<string, string> = {};
  const stop = async () => {
    await Promise.allSettled(started.map((server) => server.stop()));
  };
  for (const { variable, program, start } of provisions) {
    const url = given[variable];
    if (url) {
      environment[variable] = url;
      continue;
    }
    try {
      const server = await start();
      started.push(server);
      environment[variable] = server.url;
    } catch (error) {
      await stop();
      throw new Error(`${program} does not start here: install it, or set ${variable}`, { cause: error });
    }
  }
  return { environment, stop };
}
