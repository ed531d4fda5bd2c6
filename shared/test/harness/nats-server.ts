import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type ServerProcess, startServer } from './server-process.ts';

export type NatsServer = ServerProcess & { url: string; port: number };

/**
 * A nats-server of one test, on a free port unless one is given, with JetStream unless that is switched off; what it
 * stores is gone when it is stopped, not when it is killed. `settings` are lines of its configuration file, e.g.
 * `max_payload: 1024`.
 */
export async function startNatsServer(
  options: { port?: number; settings?: readonly string[]; jetstream?: boolean } = {},
): Promise<NatsServer> {
  const port = options.port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'nats-server-'));
  const file = join(folder, 'nats.conf');
  const jetstream = `jetstream { store_dir: "${folder}" }`;
  const settings = [...(options.jetstream === false ? [] : [jetstream]), ...(options.settings ?? [])];
  await writeFile(file, [`listen: "127.0.0.1:${port}"`, ...settings].join('\n'));
  const server = await startServer({ command: 'nats-server', args: ['--config', file], port });
  return Object.assign(server, {
    url: `nats://127.0.0.1:${port}`,
    port,
    stop: ((stop) => async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    })(server.stop),
  });
}
