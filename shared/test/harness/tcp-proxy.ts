import { once } from 'node:events';
import { createServer, connect as openSocket, type Socket } from 'node:net';
import { freePort } from './server-process.ts';

/** Stands between a client and a server of this machine, and can lose what passes. */
export type TcpProxy = {
  port: number;
  /** From now on nothing passes on the connections that are open, and nobody is told; new ones work. */
  cut(): void;
  /** Ends the connections that are open; new ones go to another port. */
  moveTo(target: number): void;
  close(): Promise<void>;
};

export async function startTcpProxy(first: number): Promise<TcpProxy> {
  let target = first;
  const port = await freePort();
  const pairs = new Set<[Socket, Socket]>();
  const server = createServer((client) => {
    const upstream = openSocket(target, '127.0.0.1');
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
      from.pipe(to);
    }
    client.on('close', () => pairs.delete(pair));
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const end = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };
  return {
    port,
    moveTo(next) {
      target = next;
      end();
    },
    cut() {
      for (const [client, upstream] of pairs) {
        client.unpipe(upstream).pause();
        upstream.unpipe(client).pause();
      }
    },
    async close() {
      end();
      server.close();
      await once(server, 'close');
    },
  };
}
