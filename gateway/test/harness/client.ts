import type { FastifyInstance } from 'fastify';

/** An answer as a client sees it. */
export type Answer = { status: number; body: unknown; headers: Record<string, unknown>; bytes: Buffer };

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export const bodyKinds = ['json', 'form', 'multipart'] as const;
export type BodyKind = (typeof bodyKinds)[number];

const written = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Fields as a client of that kind sends them. */
async function encoded(kind: BodyKind, fields: object) {
  if (kind === 'json') {
    return { payload: JSON.stringify(fields), headers: { 'content-type': 'application/json' } };
  }
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (kind === 'form') {
    const payload = new URLSearchParams(pairs.map(([name, value]) => [name, written(value)])).toString();
    return { payload, headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  }
  const form = new FormData();
  for (const [name, value] of pairs) form.append(name, value instanceof Blob ? value : written(value));
  const response = new Response(form);
  return {
    payload: Buffer.from(await response.arrayBuffer()),
    headers: { 'content-type': response.headers.get('content-type') ?? '' },
  };
}

type PostOptions = {
  token?: string;
  kind?: BodyKind;
  headers?: Record<string, string>;
  address?: string;
  method?: 'POST' | 'PUT';
};

/** A client of a gateway that knows the documents alone. */
export function clientOf(app: FastifyInstance) {
  const send = async (
    url: string,
    payload: string | Buffer | undefined,
    headers: Record<string, string> = {},
    { method = 'POST', address = '203.0.113.7' }: { method?: Method; address?: string } = {},
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
      bytes: response.rawPayload,
    };
  };
  return {
    /** Sends a body as it is. */
    send,
    /** Asks with a token, and without a body. */
    ask: (method: 'GET' | 'DELETE', url: string, token?: string) =>
      send(url, undefined, token === undefined ? {} : { token }, { method }),
    get: (url: string, headers: Record<string, string> = {}) =>
      send(url, undefined, headers, { method: 'GET' }),
    delete: (url: string, headers: Record<string, string> = {}) =>
      send(url, undefined, headers, { method: 'DELETE' }),
    /** Sends fields by POST or by PUT; the token goes where the charity document puts it. */
    async post(
      url: string,
      fields: object,
      { token, kind = 'json', headers = {}, address = '203.0.113.7', method = 'POST' }: PostOptions = {},
    ): Promise<Answer> {
      const body = await encoded(kind, fields);
      const sent = { ...body.headers, ...(token === undefined ? {} : { token }), ...headers };
      return send(url, body.payload, sent, { address, method });
    },
  };
}
export type Client = ReturnType<typeof clientOf>;
