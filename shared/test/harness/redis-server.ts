import { freePort, type ServerProcess, startServer } from './server-process.ts';

export type RedisServer = ServerProcess & { url: string };

/** A redis-server of one test, on a free port unless one is given. What it held is gone when it ends. */
export async function startRedisServer(options: { port?: number } = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = await startServer({ command: 'redis-server', args, port });
  return Object.assign(server, { url: `redis://127.0.0.1:${port}` });
}
