import { Agent, request as open } from 'node:http';
import type { Answer, Exchange, Request } from './request.ts';
import { complaint, headersOf, isGood } from './request.ts';

/** Kept-alive connections to a server: one, unless more are needed at once. */
export function openConnection(url: string, atOnce = 1) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const { hostname, port } = new URL(url);

  function ask(request: Request): Promise<Answer> {
    const { method, path, body } = request;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string | number> = headersOf(request);
    if (text !== undefined) headers['content-length'] = Buffer.byteLength(text);
    return new Promise((resolve, reject) => {
      const sent = open({ agent, hostname, port, method, path, headers, timeout: 20_000 }, (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString() }),
        );
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
      sent.on('error', reject);
      sent.end(text);
    });
  }

  return {
    ask,
    /** The answer's body; fails when it is not as expected. */
    async insist({ request, expected }: Exchange): Promise<string> {
      const answer = await ask(request);
      if (!isGood(answer, expected)) throw new Error(complaint(request, answer, expected));
      return answer.body;
    },
    close: () => agent.destroy(),
  };
}
export type Connection = ReturnType<typeof openConnection>;
