import { isDeepStrictEqual } from 'node:util';

/** How a client writes its requests: the documents leave both open. */
export type Style = { body: 'json' | 'form'; slash: boolean };

/** Every way of writing one. */
export const styles: readonly Style[] = (['json', 'form'] as const).flatMap((body) =>
  [true, false].map((slash) => ({ body, slash })),
);

export type Fields = Readonly<Record<string, string>>;
/** What is sent: a form has an object as its JSON text. */
export type Sent = Readonly<Record<string, string | object>>;

/** Checks are counted, and the failed ones told. */
export type Checks = { passed: number; failed: number };

/** Expected text is a pattern where the document leaves it open. */
type Expected = unknown;

function fits(actual: unknown, expected: Expected): boolean {
  if (expected instanceof RegExp) return typeof actual === 'string' && expected.test(actual);
  if (expected === Number) return Number.isInteger(actual);
  if (expected === Array) return Array.isArray(actual);
  if (expected === Object) return typeof actual === 'object' && actual !== null && !Array.isArray(actual);
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((part, index) => fits(actual[index], part))
    );
  }
  if (typeof expected !== 'object' || expected === null) return isDeepStrictEqual(actual, expected);
  if (typeof actual !== 'object' || actual === null) return false;
  const have = new Map(Object.entries(actual));
  const want = Object.entries(expected);
  return have.size === want.length && want.every(([key, value]) => fits(have.get(key), value));
}

/** How a request is written: by POST, and its fields in the client's style, unless told otherwise. */
type Request = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  query?: string;
  fields?: Sent;
  /** A file among the fields makes the body multipart. */
  file?: readonly [name: string, file: File];
  token?: string;
  cookie?: string;
  /** The HTTP status that is expected, 200 unless told otherwise. */
  status?: number;
};

/** An answer; a picture's body is its content type. */
type Answer = { status: number; body: unknown; cookie: string };

/** A client of a running platform, each request to `next()`, that compares each answer with the document's. */
export function replayClient(next: () => string, { body: kind, slash }: Style, checks: Checks) {
  function encoded({ fields, file }: Request): Pick<RequestInit, 'body'> {
    if (fields === undefined) return {};
    if (file === undefined && kind === 'json') return { body: JSON.stringify(fields) };
    const pairs = Object.entries(fields).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    if (file === undefined) return { body: new URLSearchParams(pairs) };
    const form = new FormData();
    for (const [name, value] of pairs) form.append(name, value);
    form.append(...file);
    return { body: form };
  }

  async function send(path: string, request: Request): Promise<Answer> {
    const { method = 'POST', query = '', fields, file, token, cookie } = request;
    const headers = new Headers();
    if (token !== undefined) headers.set('token', token);
    if (cookie !== undefined) headers.set('cookie', cookie);
    if (kind === 'json' && fields && !file) headers.set('content-type', 'application/json');
    const response = await fetch(`${next()}${path}${slash ? '/' : ''}${query}`, {
      method,
      headers,
      ...encoded(request),
      signal: AbortSignal.timeout(20_000),
    });
    const type = response.headers.get('content-type') ?? '';
    const [set = ''] = response.headers.getSetCookie();
    const body = type.startsWith('image/') ? type : await response.json();
    return { status: response.status, body, cookie: set.split(';')[0] ?? '' };
  }

  /** Sends and expects exactly this body. */
  async function ask(path: string, request: Request, expected: Expected): Promise<Answer> {
    const answer = await send(path, request).catch((error: unknown) => ({
      status: 0,
      body: String(error),
      cookie: '',
    }));
    const { status = 200 } = request;
    if (answer.status === status && fits(answer.body, expected)) {
      checks.passed += 1;
    } else {
      const readable = (_: string, part: unknown) => (part instanceof RegExp ? `${part}` : part);
      checks.failed += 1;
      console.log(`FAILED ${path} (${kind}, ${slash ? '' : 'no '}slash) ${JSON.stringify(request)}`);
      console.log(`  answered ${answer.status} ${JSON.stringify(answer.body)}`);
      console.log(`  expected ${status} ${JSON.stringify(expected, readable)}`);
    }
    return answer;
  }

  return {
    ask,
    /** POSTs fields, and answers the `data` of the body. */
    async expect(path: string, fields: Sent, expected: Expected, token?: string): Promise<Fields> {
      const { body } = await ask(path, { fields, ...(token === undefined ? {} : { token }) }, expected);
      const { data = {} } = (body ?? {}) as { data?: Fields }; // from outside: `ask` has compared it
      return data;
    },
    /** What a person reads elsewhere, a picture or a phone: here a development route shows it. */
    async read(path: string, query = ''): Promise<Fields> {
      const { body } = await send(path, { method: 'GET', query });
      return (body ?? {}) as Fields; // from outside: what is not there is compared as missing
    },
  };
}
export type ReplayClient = ReturnType<typeof replayClient>;
