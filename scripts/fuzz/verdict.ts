import { hostname } from 'node:os';
import { isSound, type Request } from './requests.ts';
import type { Answer, Outcome } from './wire.ts';

/** What no client may read: places in the code, what databases and libraries say, and where this runs. */
const internals = [
  /\bat [^\s]+ \(?(?:file:|node:|\/)/,
  /node_modules|\.ts:\d+|\.m?js:\d+/,
  /\b(?:select|insert into|delete from|update) [a-z_".]+ (?:set|from|where|values)\b/i,
  /violates|relation "|syntax error at|duplicate key|PGlite|pglite|kysely|ECONNREFUSED|ETIMEDOUT/,
  /FST_[A-Z]|ERR_[A-Z]|HPE_[A-Z]|AppError|TypeError|RangeError|SyntaxError|Unexpected token/,
  new RegExp(process.cwd().replaceAll('/', '\\/')),
  ...(hostname().length > 3 ? [new RegExp(`\\b${hostname().replaceAll('.', '\\.')}\\b`)] : []),
];

const has = (body: Readonly<Record<string, unknown>>, ...names: string[]) =>
  names.every((name) => Object.hasOwn(body, name));
const numbered = (body: Readonly<Record<string, unknown>>) =>
  has(body, 'code', 'msg') && typeof body.code === 'number' && typeof body.msg === 'string';

/** Whether a body is one of a dialect, good or bad. */
const envelopes: Readonly<Record<string, (body: Readonly<Record<string, unknown>>) => boolean>> = {
  repair: (body) => numbered(body) && typeof body.data === 'object',
  openid: (body) => numbered(body) && typeof body.data === 'object',
  charity: numbered,
  accounts: (body) =>
    has(body, 'cmd', 'data', 'message', 'status') &&
    typeof body.status === 'boolean' &&
    typeof body.message === 'string' &&
    String(body.cmd).length < 1000,
  medicine: (body) => typeof body.re_code === 'string' && typeof body.msg === 'string',
};

const isProblem = ({ status, headers }: Answer, body: Readonly<Record<string, unknown>>) =>
  String(headers['content-type']).startsWith('application/problem+json') &&
  body.status === status &&
  status >= 400;

/** Whether a request names its operation as it is, so that only its dialect may answer. */
function isExact({ operation, method, path, framing }: Request): boolean {
  const pattern = `^${operation.path.replaceAll(/\{\w+\}/g, '[A-Za-z0-9_]{1,40}')}(?:\\?[^#]*)?$`;
  return (
    isSound(framing) && method === operation.method && new RegExp(pattern).test(path.replaceAll(/[{}.]/g, ''))
  );
}

function parsed(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function wrongBody(request: Request, answer: Answer): string | undefined {
  const type = String(answer.headers['content-type'] ?? '');
  const exact = isExact(request);
  if (request.method === 'HEAD' || answer.status === 304) return undefined;
  if (/^image\//.test(type)) return answer.status === 200 ? undefined : 'a picture as a refusal';
  if (!type.includes('json')) {
    return exact
      ? `its answer is ${type || 'of no type'}`
      : answer.status < 400
        ? undefined
        : 'a refusal that is no JSON';
  }
  const body = parsed(answer.body);
  if (body === undefined) return 'the answer is no JSON';
  const own = envelopes[request.operation.dialect];
  if (own === undefined) throw new Error(`nothing is known of answers of ${request.operation.dialect}`);
  // One that did not arrive in time, as where this process stood still, never reached its operation.
  if (exact && answer.status !== 408) return own(body) ? undefined : 'not the envelope of its dialect';
  if (answer.status < 400 || isProblem(answer, body)) return undefined;
  return Object.values(envelopes).some((fits) => fits(body))
    ? undefined
    : 'neither an envelope nor a problem';
}

/** What is wrong with an answer; undefined: nothing. */
export function faultOf(
  request: Request,
  { answer, hung, ms }: Outcome,
  deadlineMs: number,
): string | undefined {
  if (hung || ms > deadlineMs) return `no answer within ${deadlineMs} ms`;
  if (answer === null) return isSound(request.framing) ? 'closed without an answer' : undefined;
  const { status, headers, body } = answer;
  if (status >= 500) return `answered ${status}`;
  const text = `${Object.entries(headers).join('\n')}\n${/^image\/(?!svg)/.test(headers['content-type'] ?? '') ? '' : body.toString()}`;
  const shown = internals.find((pattern) => pattern.test(text));
  if (shown) return `shows ${shown}`;
  if (!headers['x-request-id']) return 'no x-request-id';
  if (headers['x-content-type-options'] !== 'nosniff') return 'no nosniff';
  const wrong = wrongBody(request, answer);
  return wrong && `${wrong} (HTTP ${status})`;
}

/** Whether an answer is a good one of its dialect: its operation has done what it is for. */
export function isGood({ answer }: Outcome): boolean {
  if (answer === null || answer.status !== 200) return false;
  const { code, status, re_code } = parsed(answer.body) ?? {};
  const picture = String(answer.headers['content-type']).startsWith('image/');
  return picture || code === 0 || code === 200 || status === true || re_code === '0';
}
