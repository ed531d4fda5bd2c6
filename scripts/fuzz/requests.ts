import fc from 'fast-check';
import { type Body, bodyOf, type Fields } from './bodies.ts';
import { hostileQuery, hostileSegment, type Value } from './values.ts';

/** An operation as the OpenAPI document shows it. */
export type Operation = { dialect: string; method: string; path: string; valid: Fields };

/** A request as it is made up: `{{name}}` stands for what the platform's people are and know. */
export type Request = {
  operation: Operation;
  method: string;
  path: string;
  headers: readonly string[];
  body: Body;
  framing: Framing;
};

/** How the bytes of a request are put on the wire; all but the first two break HTTP itself. */
export const framings = [
  'length',
  'chunked',
  'too long',
  'too short',
  'both',
  'twice',
  'no number',
  'bad chunk',
  'no host',
  'two hosts',
  'http/1.0',
  'http/9',
  'bare line',
  'folded header',
  'bad header',
  'nul in header',
  'many headers',
  'long header',
  'expect',
  'bytes alone',
] as const;
export type Framing = (typeof framings)[number];
/** Those that any server must answer as what they are. */
export const isSound = (framing: Framing): boolean => framing === 'length' || framing === 'chunked';

const placeholder = (name: string): Value => ({ json: `"{{${name}}}"`, text: `{{${name}}}` });
/** Number or text: whatever the people's ids are. */
const ids = ['normal.id', 'repair.id', 'admin.id', 'pending.id'];

/** What makes an example of the document a request that this platform can do. */
const known: Readonly<Record<string, readonly Value[]>> = {
  id: [...ids.map(placeholder), placeholder('task'), placeholder('instance')],
  assignee: [placeholder('repair.id')],
  password: [placeholder('password')],
  passwd: [placeholder('password')],
  repasswd: [placeholder('password')],
  nickname: [placeholder('normal.nickname'), placeholder('fresh')],
  phone: [placeholder('normal.phone')],
  openid: [placeholder('normal.openid'), placeholder('fresh')],
  code: [placeholder('code')],
  js_code: [placeholder('code')],
  action: ['register', 'update', 'create', 'cancel', 'claim', 'release', 'complete', 'assign', 'comment'].map(
    (name) => ({ json: `"${name}"`, text: name }),
  ),
};

/** The valid fields of an operation, with people of the platform where the example has others. */
const validFields = ({ valid }: Operation): fc.Arbitrary<Fields> =>
  fc.array(fc.nat(100), { minLength: valid.length, maxLength: valid.length }).map((choices) =>
    valid.map(([name, value], index) => {
      const choice = choices[index] ?? 0;
      const others = known[name] ?? [];
      return [name, choice % 4 === 0 ? value : (others[choice % others.length] ?? value)] as const;
    }),
  );

const tokens = [
  ...['normal', 'repair', 'admin', 'pending'].flatMap((who) => [
    `authorization: Bearer {{${who}.token}}`,
    `token: {{${who}.token}}`,
    `cookie: session={{${who}.token}}`,
  ]),
];
const hostileHeader = fc.oneof(
  fc.constantFrom(
    ...[
      'authorization: Bearer',
      'authorization: Bearer a.b.c',
      'authorization: Basic YTpi',
      'token: null',
      'token:',
    ],
    ...[
      'authorization: Bearer eyJhbGciOiJub25lIn0.e30.',
      'authorization: Bearer {{admin.token}}x',
      'cookie: session',
    ],
    ...[
      'cookie: session=%00; session={{normal.token}}',
      'cookie: __proto__=1; =; ;;',
      'cookie: session="a',
      'accept: */*',
    ],
    ...[
      'origin: null',
      'origin: https://evil.example',
      'sec-fetch-site: cross-site',
      'x-http-method-override: DELETE',
    ],
    ...[
      'x-request-id: a b',
      `x-request-id: ${'i'.repeat(200)}`,
      'traceparent: 00-x-y-01',
      'x-forwarded-for: 1.2.3.4',
    ],
    ...[
      'x-forwarded-host: evil.example',
      'idempotency-key: k',
      'idempotency-key: \u00e9',
      'if-none-match: *',
      'range: bytes=0-',
    ],
    ...[
      'referer: https://servicewechat.com/development/1/page',
      'referer: https://servicewechat.com/%00/',
      'te: trailers',
      'expect: something',
    ],
    ...[
      'accept-encoding: gzip, br',
      'upgrade: websocket\r\nconnection: upgrade',
      'accept-version: 9',
      'host: {{host}}:1',
    ],
    `x-long: ${'a'.repeat(4000)}`,
  ),
  fc
    .tuple(fc.stringMatching(/^[a-z][a-z-]{0,20}$/), fc.stringMatching(/^[ -~]{0,40}$/))
    .map(([name, value]) => `x-${name}: ${value}`),
);

const segmentOf = (name: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(
      ...(name === 'name'
        ? ['repair_apply', 'account_review']
        : [...ids, 'task', 'instance'].map((one) => `{{${one}}}`)),
    ),
    hostileSegment,
  );

/** The path with something in its places, with a query at times, or written in another way. */
function pathOf({ path }: Operation): fc.Arbitrary<string> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const filled = fc.tuple(...names.map(segmentOf)).map((segments) => {
    let index = 0;
    return path.replaceAll(/\{\w+\}/g, () => segments[index++] ?? '');
  });
  const others: readonly ((path: string) => string)[] = [
    (one) => `${one}/`,
    (one) => `/${one}`,
    (one) => one.toUpperCase(),
    (one) => `${one}/../${one}`,
    (one) => one.replaceAll('/', '%2f'),
    (one) => `${one};a=b`,
    (one) => `${one}%`,
    (one) => `${one}%00`,
    (one) => `${one}${'/a'.repeat(500)}`,
    (one) => `http://{{host}}${one}`,
    (one) => one.slice(1),
    () => '*',
    () => '/',
    () => '/favicon.ico',
    () => '/dev/captcha/%00',
    () => '/dev/sms/13800000000',
    () => '/dev/wechat/encrypt?name=',
    () => '/docs/static/..%2f..%2fpackage.json',
    () => '/health/ready',
  ];
  return fc
    .tuple(
      filled,
      fc.oneof({ arbitrary: fc.constant(''), weight: 3 }, { arbitrary: hostileQuery, weight: 2 }),
      fc.oneof(
        { arbitrary: fc.constant((one: string) => one), weight: 9 },
        { arbitrary: fc.constantFrom(...others), weight: 2 },
      ),
    )
    .map(([one, query, other]) => other(one) + query);
}

const oddMethods = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'FOO',
  'post',
  'QUERY',
];

/** Requests of one operation: valid ones at times, and hostile in any of their parts otherwise. */
export function requestOf(operation: Operation): fc.Arbitrary<Request> {
  return fc.record({
    operation: fc.constant(operation),
    method: fc.oneof(
      { arbitrary: fc.constant(operation.method), weight: 9 },
      { arbitrary: fc.constantFrom(...oddMethods), weight: 1 },
    ),
    path: pathOf(operation),
    headers: fc
      .tuple(
        fc.oneof(
          { arbitrary: fc.constantFrom(...tokens), weight: 4 },
          { arbitrary: hostileHeader, weight: 1 },
        ),
        fc.array(hostileHeader, { maxLength: 2 }),
      )
      .map(([one, more]) => [one, ...more]),
    body: validFields(operation).chain(bodyOf),
    framing: fc.oneof(
      { arbitrary: fc.constant<Framing>('length'), weight: 40 },
      { arbitrary: fc.constant<Framing>('chunked'), weight: 4 },
      { arbitrary: fc.constantFrom(...framings), weight: 4 },
    ),
  });
}
