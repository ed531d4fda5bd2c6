import type { FastifyInstance } from 'fastify';

/** An answer as a client sees it. */
export type Answer = { status: number; body: unknown; headers: Record<string, unknown> };

export const bodyKinds = ['json', 'form', 'multipart'] as const;
export type BodyKind = (typeof bodyKinds)[number];

const written = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Fields as a client of that kind sends them. */
async function encoded(kind: BodyKind, fields: object) {
  if (kind === 'json') {
    return { payload: JSON.stringify(fields), headers: { 'content-type': 'application/json' } };
  }
  const pairs = Object.entries(fields).map(([name, value]) => [name, written(value)] as const);
  if (kind === 'form') {
    const payload = new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString();
    return { payload, headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  }
  const form = new FormData();
  for (const [name, value] of pairs) form.append(name, value);
  const response = new Response(form);
  return {
    payload: Buffer.from(await response.arrayBuffer()),
    headers: { 'content-type': response.headers.get('content-type') ?? '' },
  };
}

type SendOptions = { method?: 'GET' | 'POST' | 'DELETE'; address?: string };
type PostOptions = { token?: string; kind?: BodyKind; headers?: Record<string, string>; address?: string };

/** A client of a gateway that knows the documents alone. */
export function clientOf(app: FastifyInstance) {
  const send = async (
    url: string,
    payload: string | Buffer | undefined,
    headers: Record<string, string> = {},
    { method = 'POST', address = '203.0.113.7' }: SendOptions = {},
  ): Promise<Answer> => {
    const response = await app.inject({
      method,
      url,
      headers,
      remoteAddress: address,
      ...(payload === undefined ? {} : { payload }),
    });
    const json = String(response.headers['content-type']).includes('json');
    return {
      status: response.statusCode,
      body: json ? response.json() : response.body,
      headers: response.headers,
    };
  };
  return {
    /** Sends a body as it is. */
    send,
    get: (url: string, headers: Record<string, string> = {}) =>
      send(url, undefined, headers, { method: 'GET' }),
    delete: (url: string, headers: Record<string, string> = {}) =>
      send(url, undefined, headers, { method: 'DELETE' }),
    /** Sends fields; the token goes where the charity document puts it. */
    async post(
      url: string,
      fields: object,
      { token, kind = 'json', headers = {}, address = '203.0.113.7' }: PostOptions = {},
    ): Promise<Answer> {
      const body = await encoded(kind, fields);
      const sent = { ...body.headers, ...(token === undefined ? {} : { token }), ...headers };
      return send(url, body.payload, sent, { address });
    },
  };
}
export type Client = ReturnType<typeof clientOf>;
