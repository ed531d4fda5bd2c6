/** A request as a client writes it. */
export type Request = {
  method: 'GET' | 'POST';
  path: string;
  token?: string;
  /** Sent as JSON. */
  body?: object;
};

/** What the body of a good answer is, which has status 200: this very text, or text that begins and ends like that. */
export type Expected = { text: string } | { begin: string; end: string; least: number };

export type Exchange = { request: Request; expected: Expected };

export type Answer = { status: number; body: string };

export const isGood = ({ status, body }: Answer, expected: Expected): boolean => {
  if (status !== 200) return false;
  if ('text' in expected) return body === expected.text;
  return body.length >= expected.least && body.startsWith(expected.begin) && body.endsWith(expected.end);
};

/** What a request is sent with besides its body. */
export const headersOf = ({ token, body }: Request): Record<string, string> => ({
  ...(token === undefined ? {} : { token }),
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
});

/** A wrong answer, told so that one sees what is wrong with it. */
export function complaint({ method, path }: Request, { status, body }: Answer, expected: Expected): string {
  const wanted = 'text' in expected ? expected.text : `${expected.begin} … ${expected.end}`;
  return `${method} ${path} answered ${status} ${body.slice(0, 300)} instead of 200 ${wanted.slice(0, 300)}`;
}
