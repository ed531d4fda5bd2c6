/** What stands in a log line in the place of a secret. */
const hidden = '[hidden]';

/** Hidden wherever they stand up to `deepest` levels deep. */
const secretNames: ReadonlySet<string> = new Set([
  'password',
  'newPassword',
  'new_password',
  'passwordHash',
  'expectedHash',
  'token',
  'authorization',
  'cookie',
  'openid',
  'phone',
  'secret',
  'js_code',
  'session_key',
]);
/** An error's code is no secret; a code that somebody sent is. */
const sentNames: ReadonlySet<string> = new Set(['body', 'query', 'input']);
const deepest = 3;

type Fields = Readonly<Record<string, unknown>>;

const isSecret = (name: string, place: string, depth: number) =>
  secretNames.has(name) ||
  (name === 'set-cookie' && place === 'headers') ||
  (name === 'code' && depth === 2 && sentNames.has(place));

/** What JSON makes something of its own of, as of a Date, has no fields that a line shows. */
const hasFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !('toJSON' in value);

function hide(fields: Fields, depth: number, place: string, serialized: ReadonlySet<string>): Fields {
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    let shown = value;
    if (isSecret(name, place, depth)) shown = hidden;
    else if (depth < deepest && hasFields(value) && !(depth === 1 && serialized.has(name))) {
      shown = hide(value, depth + 1, name, serialized);
    }
    if (shown === value) continue;
    copy ??= Object.assign(Array.isArray(fields) ? [] : {}, fields);
    copy[name] = shown;
  }
  return copy ?? fields;
}

/**
 * What is logged, with `[hidden]` for each secret up to three levels deep; the same object where there is none, as in
 * nearly every line. `serialized`: fields that the logger describes by a function, which shows no secret. pino's own
 * `redact` reads each of its patterns anew for each line: 25 µs, more than the call that the line is about.
 */
export function withoutSecrets<T>(logged: T, serialized: ReadonlySet<string>): T {
  return hasFields(logged) ? (hide(logged, 1, '', serialized) as T & Fields) : logged; // The same names, at least.
}
