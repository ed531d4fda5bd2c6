import { isDeepStrictEqual } from 'node:util';

/** How a client writes its requests: the documents leave both open. */
export type Style = { body: 'json' | 'form'; slash: boolean };

/** Every way of writing one. */
export const styles: readonly Style[] = (['json', 'form'] as const).flatMap((body) =>
  [true, false].map((slash) => ({ body, slash })),
);

export type Fields = Readonly<Record<string, string>>;

/** Checks are counted, and the failed ones told. */
export type Checks = { passed: number; failed: number };

/** Expected text is a pattern where the document leaves it open. */
type Expected = unknown;

function fits(actual: unknown, expected: Expected): boolean {
  if (expected instanceof RegExp) return typeof actual === 'string' && expected.test(actual);
  if (expected === Number) return Number.isInteger(actual);
  if (typeof expected !== 'object' || expected === null || Array.isArray(expected)) {
    return isDeepStrictEqual(actual, expected);
  }
  if (typeof actual !== 'object' || actual === null) return false;
  const have = new Map(Object.entries(actual));
  const want = Object.entries(expected);
  return have.size === want.length && want.every(([key, value]) => fits(have.get(key), value));
}

/** A client of a running platform that compares each answer with the document's. */
export function replayClient(base: string, { body, slash }: Style, checks: Checks) {
  async function send(path: string, fields: Fields, token?: string): Promise<[number, unknown]> {
    const headers: Record<string, string> = token === undefined ? {} : { token };
    if (body === 'json') headers['content-type'] = 'application/json';
    const response = await fetch(`${base}${path}${slash ? '/' : ''}`, {
      method: 'POST',
      headers,
      body: body === 'json' ? JSON.stringify(fields) : new URLSearchParams(fields),
      signal: AbortSignal.timeout(20_000),
    });
    return [response.status, await response.json()];
  }
  return {
    /** Sends and expects HTTP 200 with exactly this body; answers the body's `data`. */
    async expect(path: string, fields: Fields, expected: Expected, token?: string): Promise<Fields> {
      const [status, answer] = await send(path, fields, token).catch((error: unknown) => [0, String(error)]);
      if (status === 200 && fits(answer, expected)) {
        checks.passed += 1;
      } else {
        checks.failed += 1;
        console.log(`FAILED ${path} (${body}, ${slash ? '' : 'no '}slash) ${JSON.stringify(fields)}`);
        console.log(`  answered ${status} ${JSON.stringify(answer)}`);
        console.log(
          `  expected 200 ${JSON.stringify(expected, (_, part) => (part instanceof RegExp ? `${part}` : part))}`,
        );
      }
      const { data = {} } = (answer ?? {}) as { data?: Fields }; // from outside: `expect` has compared it
      return data;
    },
  };
}
export type ReplayClient = ReturnType<typeof replayClient>;
