import { freePort, type ServerProcess, startServer } from './server-process.ts';

export type RedisServer = ServerProcess & { url: string; port: number };

/**
 * A redis-server of one test, on a free port unless one is given. What it held is gone when it ends. `replicaOf`: the
 * port of the one that it copies.
 */
export async function startRedisServer(
  options: { port?: number; replicaOf?: number } = {},
): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  // What a replica gets goes into its memory, not through a file.
  args.push('--repl-diskless-sync', 'yes', '--repl-diskless-load', 'on-empty-db');
  if (options.replicaOf !== undefined) args.push('--replicaof', '127.0.0.1', String(options.replicaOf));
  const server = await startServer({ command: 'redis-server', args, port });
  return Object.assign(server, { url: `redis://127.0.0.1:${port}`, port });
}
