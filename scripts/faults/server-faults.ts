import { docker, succeeds, until } from './docker.ts';
import type { Stack } from './stack.ts';

export type Server = 'nats' | 'postgres' | 'redis';

/** A way in which a server is away; `end` resolves when it takes connections again. */
export type Fault = { begin(): Promise<void>; end(): Promise<void> };

/** Succeeds in the server's container when it answers. */
const answers: Record<Server, readonly string[]> = {
  nats: ['wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8222/healthz'],
  postgres: ['pg_isready', '-q', '-h', '127.0.0.1', '-U', 'postgres'],
  redis: ['valkey-cli', '--user', 'health', '--pass', 'any', '--no-auth-warning', 'ping'],
};

/** Killed and started again. */
export async function killed({ containersOf }: Stack, server: Server): Promise<Fault> {
  const [container = ''] = await containersOf(server);
  return {
    begin: async () => void (await docker('kill', container)),
    async end() {
      await docker('start', container);
      const answering = () => succeeds(container, answers[server]);
      await until(`${server} answers`, answering, { patienceMs: 60_000, everyMs: 50 });
    },
  };
}

export async function paused({ containersOf }: Stack, server: Server): Promise<Fault> {
  const [container = ''] = await containersOf(server);
  return {
    begin: async () => void (await docker('pause', container)),
    end: async () => void (await docker('unpause', container)),
  };
}

/** Out of auth's reach: both of its replicas lose the network that they reach the server on. */
export async function cutFromAuth({ containersOf, network }: Stack, server: Server): Promise<Fault> {
  const containers = await containersOf('auth');
  const name = network(`auth-${server}`);
  const both = (change: string) =>
    Promise.all(containers.map((container) => docker('network', change, name, container)));
  return {
    begin: async () => void (await both('disconnect')),
    end: async () => void (await both('connect')),
  };
}
