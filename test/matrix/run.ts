import type { Test } from 'tap';
import type { Answer, BodyKind } from '../../gateway/test/harness/client.ts';
import { host, type KindName, kindNames, kindOf } from './callers.ts';
import { createPeople, type People, type Person } from './people.ts';
import { type MatrixPlatform, startMatrixPlatform } from './platform.ts';
import { type Row, readTable } from './table.ts';
import { createForgeries } from './tokens.ts';

/** What a row's request is made for. */
export type Asking = {
  /** Who asks; nobody is somebody here without a token. */
  caller: Person;
  /** Whose record it is about: the caller's, or another's. */
  subject: Person;
  people: People;
  platform: MatrixPlatform;
};

/** A valid request of an operation: what stands in its path, its query, its body. */
export type Request = {
  path?: Readonly<Record<string, string | number>>;
  query?: Readonly<Record<string, string>>;
  fields?: object;
  kind?: BodyKind;
};

export type Matrix = {
  /** The table as text. */
  table: string;
  /** What each word of the table means: an HTTP status, and what the body must have, or its content type. */
  words: Readonly<Record<string, { status: number; body?: object; type?: string }>>;
  requests: Readonly<Record<string, (asking: Asking) => Request | Promise<Request>>>;
  environment?: Record<string, string>;
  /** An openid without an account is somebody of whom the operations know. */
  openids?: true;
  /** Tokens are those of openids. */
  bound?: true;
};

function urlOf({ path: pattern }: Row, { path = {}, query }: Request): string {
  const url = pattern.replaceAll(/:(\w+)/g, (_all, name: string) => String(path[name]));
  return query === undefined ? url : `${url}?${new URLSearchParams(query)}`;
}

async function send({ client }: MatrixPlatform, row: Row, request: Request, carried: Record<string, string>) {
  const { method } = row;
  const headers = { host, ...carried };
  const { fields, kind = 'json' } = request;
  if (method === 'GET' || method === 'DELETE' || fields === undefined) {
    return client.send(urlOf(row, request), undefined, headers, { method });
  }
  return client.post(urlOf(row, request), fields, { kind, headers, method });
}

type Tools = {
  platform: MatrixPlatform;
  people: People;
  forgeries: Awaited<ReturnType<typeof createForgeries>>;
};

/** Asks one operation as one kind of caller, with everybody made anew for each token; answers what each got. */
async function askAs(kindName: KindName, row: Row, matrix: Matrix, tools: Tools): Promise<Answer[]> {
  const { platform, people, forgeries } = tools;
  const kind = kindOf(kindName);
  const prepare = matrix.requests[row.name];
  if (prepare === undefined) throw new Error(`${row.name} has no request`);
  const hands = { call: platform.call, clock: platform.clock, people, forgeries };
  const answers: Answer[] = [];
  for (let tokens = 1; answers.length < tokens; ) {
    const caller = kind.who ? await kind.who(hands, row.meant) : await people.make();
    const own = kind.own === true || (kind.own === 'if normal' && row.meant === 'normal');
    const subject = own && (caller.registered || matrix.openids) ? caller : await people.make();
    const request = await prepare({ caller, subject, people, platform });
    const carried = await kind.carries(caller, hands, row.meant);
    tokens = carried.length;
    answers.push(await send(platform, row, request, carried[answers.length] ?? {}));
  }
  return answers;
}

const mediaType = (headers: Answer['headers']) => String(headers['content-type']).split(';')[0];

/** Those fields of a body that are expected to be something. */
const picked = (body: unknown, expected: object) =>
  Object.fromEntries(Object.keys(expected).map((name) => [name, Object(body)[name]]));

/** Tries every cell of a table. */
export async function tryMatrix(t: Test, matrix: Matrix): Promise<void> {
  const platform = await startMatrixPlatform(t, matrix.environment);
  const people = createPeople(platform, { bound: matrix.bound ?? false });
  // An admin who stays, so that others can be deleted.
  const witness = await people.make({ role: 'admin' });
  const forgeries = await createForgeries(platform.parts);
  const asWitness = { token: forgeries.same(witness.token) };
  t.match(
    (await platform.client.delete('/api/1.0/sessions', asWitness)).body,
    { re_code: '0' },
    'what is wrong with a foreign token is what it says alone',
  );
  for (const row of readTable(matrix.table)) {
    t.test(row.name, async (t) => {
      for (const kind of kindNames) {
        const word = row.cells[kind];
        const expected = matrix.words[word];
        if (expected === undefined) throw new Error(`no answer is called ${word}`);
        for (const { status, body, headers } of await askAs(kind, row, matrix, {
          platform,
          people,
          forgeries,
        })) {
          const { type = 'application/json', body: part = {} } = expected;
          const found = { status, type: mediaType(headers), body: picked(body, part) };
          t.strictSame(found, { status: expected.status, type, body: part }, `${kind}: ${word}`);
        }
      }
    });
  }
}
