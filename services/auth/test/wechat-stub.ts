import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers with JSON, as WeChat does: under a content type of text. */
export const json =
  (body: unknown): Answer =>
  (_request, response) =>
    response.setHeader('content-type', 'text/plain').end(JSON.stringify(body));

/** A real HTTP server that answers each code as the test says and keeps what it was asked. */
export async function startWeChatStub(t: Test, answers: Record<string, Answer>) {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://stub');
    asked.push(url);
    const answer =
      answers[url.searchParams.get('js_code') ?? ''] ?? json({ errcode: 40029, errmsg: 'invalid code' });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  // An HTTP server that listens on a port has an address of this shape.
  const { port } = server.address() as AddressInfo;
  return { base: `http://127.0.0.1:${port}`, asked };
}
