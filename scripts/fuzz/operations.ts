import type { Fields } from './bodies.ts';
import { type Fixtures, password, people } from './platform.ts';
import type { Operation, Request } from './requests.ts';
import type { Wire } from './wire.ts';

type Shown = { tags?: string[]; requestBody?: { content: Record<string, { example?: object }> } };
const methods = ['get', 'post', 'put', 'delete', 'patch'];

const written = (value: unknown) => {
  const json = JSON.stringify(value);
  return { json, text: typeof value === 'string' ? value : json };
};

/** Every operation of the gateway, with its example as fields. */
export function operationsOf(document: unknown): Operation[] {
  // The gateway's own OpenAPI document, whose shape its tests hold.
  const { paths } = document as { paths: Record<string, Record<string, Shown>> };
  return Object.entries(paths).flatMap(([path, shown]) =>
    Object.entries(shown)
      .filter(([method]) => methods.includes(method))
      .map(([method, { tags = [], requestBody }]) => {
        const example = requestBody?.content['application/json']?.example ?? {};
        const valid: Fields = Object.entries(example).map(([name, value]) => [name, written(value)]);
        return { dialect: tags.join(), method: method.toUpperCase(), path, valid };
      }),
  );
}

/** What the placeholders of requests stand for. */
export function namesOf(fixtures: Fixtures, host: string): ReadonlyMap<string, string> {
  const ofPeople = people.flatMap((who): [string, string][] =>
    Object.entries(fixtures[who]).map(([name, value]) => [`${who}.${name}`, String(value)]),
  );
  const { instance, task } = fixtures;
  return new Map([
    ...ofPeople,
    ['instance', String(instance)],
    ['task', String(task)],
    ['password', password],
    ['host', host],
  ]);
}

let fresh = 0;
function resolved(text: string, names: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\{\{([a-z.]+)\}\}/g, (all, name: string) => {
    if (name !== 'fresh' && name !== 'code') return names.get(name) ?? all;
    fresh += 1;
    return name === 'code' ? `dev:f${fresh}` : `f-x${fresh}`;
  });
}

/** A request with the names that its placeholders stand for. */
export function wireOf(
  { method, path, headers, body, framing }: Request,
  names: ReadonlyMap<string, string>,
): Wire {
  const text = (latin1: string) => resolved(latin1, names);
  return {
    method,
    target: text(path),
    headers: [...headers, ...body.headers].map(text),
    body: Buffer.from(text(body.bytes.toString('latin1')), 'latin1'),
    framing,
  };
}
