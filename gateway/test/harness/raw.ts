import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';

/** A TCP connection to a listening gateway, closed when the test ends. */
export async function rawConnection(t: Test, app: FastifyInstance) {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the gateway does not listen');
  const socket: Socket = connect(address.port, address.address);
  t.teardown(() => socket.destroy());
  let text = '';
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
  });
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return {
    socket,
    write: (bytes: string) => socket.write(bytes),
    /** What has come so far. */
    text: () => text,
    /** Resolves when the other side has closed the connection. */
    closed,
    /** Waits until `pattern` has come. */
    async until(pattern: RegExp): Promise<string> {
      while (!pattern.test(text)) await once(socket, 'data', { signal: AbortSignal.timeout(10_000) });
      return text;
    },
  };
}
