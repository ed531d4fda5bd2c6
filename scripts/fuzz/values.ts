import fc from 'fast-check';

/** A value of a field: as it stands in JSON, and as it stands in a form. */
export type Value = { json: string; text: string };

const value = (of: unknown): Value => ({
  json: JSON.stringify(of),
  text: typeof of === 'string' ? of : JSON.stringify(of),
});
/** What no JSON.stringify writes. */
const raw = (json: string): Value => ({ json, text: json });

const nested = (open: string, close: string, depth: number) => raw(open.repeat(depth) + close.repeat(depth));

const odd: readonly Value[] = [
  ...['', ' ', '\0', 'a\0b', '\ud800', 'x\udc00', '\ufeff', '\u202eabc', '👩‍👩‍👧‍👦', 'é', '%00', '%', '\r\n'],
  ...[
    'null',
    'true',
    'NaN',
    '-1',
    '1e400',
    '0x10',
    '١٢٣',
    '[]',
    '{}',
    '{"a":',
    '[[[',
    '{"__proto__":{"role":"admin"}}',
  ],
  ...[
    "' or 1=1 --",
    '"; drop table accounts; --',
    '#{7*7}',
    '{{7*7}}',
    '../../etc/passwd',
    '<script>1</script>',
  ],
  ...[
    'a'.repeat(51),
    'a'.repeat(300),
    'a'.repeat(2001),
    '😀'.repeat(600),
    '9'.repeat(40),
    'a'.repeat(60_000),
  ],
].map(value);
const structures: readonly Value[] = [
  value(null),
  value(true),
  value([]),
  value({}),
  value([[], {}, null]),
  value(['a', 'a']),
  value({ length: 1e9, toString: 1, valueOf: null }),
  raw('{"__proto__":{"role":"admin","polluted":1}}'),
  raw('{"constructor":{"prototype":{"polluted":1}}}'),
  raw('{"a":1,"a":{"b":2}}'),
  raw('{"\\u0000":"\\u0000","\\ud800":"\\udc00"}'),
  ...['0', '-0', '-1', '0.5', '1e308', '1e400', '-1e400', '9007199254740993', '99999999999999999999'].map(
    raw,
  ),
  nested('[', ']', 30),
  nested('[', ']', 5000),
  nested('{"a":', '}', 3),
  raw(`${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`),
];

/** Values of the wrong type, size, nesting or encoding. */
export const hostileValue: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(...odd),
  fc.constantFrom(...structures),
  fc.string({ unit: 'binary', maxLength: 40 }).map(value),
  fc.integer().map(value),
  fc.double().map((number) => raw(String(number))),
  fc.jsonValue().map(value),
);

/** Names of fields that nobody asked for, or that every object has. */
export const hostileName: fc.Arbitrary<string> = fc.constantFrom(
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '__proto__[role]',
    'constructor[prototype]',
  ],
  ...[
    'role',
    'status',
    'id',
    'level',
    'isAdmin',
    'session_epoch',
    '',
    ' ',
    '[]',
    'a[b][c]',
    'a.b',
    '\0',
    'ü',
    '$where',
  ],
);

/** What may stand in a path where an id or a name belongs. */
export const hostileSegment: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...[
      '0',
      '-1',
      '1',
      '01',
      '1.5',
      '1e3',
      '99999999',
      '999999999999999999999',
      'NaN',
      'null',
      '__proto__',
      'constructor',
    ],
    ...[
      '%00',
      '%',
      '%zz',
      '%c0%af',
      '%ff',
      '%2e%2e%2f',
      '..',
      '%2f',
      'a%0d%0ab',
      '%F0%9F%98%80',
      ';x=1',
      'a'.repeat(120),
    ],
    ...['%ED%A0%80', '*', ':id', '', '%20', '{id}', 'a'.repeat(5000)],
  ),
  fc.nat().map(String),
  fc.webSegment(),
);

export const hostileQuery: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...[
      '?',
      '?page=0',
      '?page=-1',
      '?page=1e9',
      '?page=999999',
      '?page=1&page=2',
      '?page[]=1',
      '?page=%00',
      '?&&==&',
    ],
    ...[
      '?__proto__[role]=admin',
      '?constructor=1',
      '?view=get_curr_user_info',
      '?view=%FF',
      '?status=running',
      '?uuid=a',
    ],
    ...[
      '?uuid=%00',
      '?uuid=a&last_uuid=a',
      '?last_uuid[]=1&uuid=b',
      '?format=svg',
      '?version=99999999999',
      '?version=1',
    ],
    ...[
      '?account=1',
      '?from=2020-01-01%2000:00:00',
      '?from=9999-99-99',
      '?to=Infinity',
      '?action=*',
      '?history_page=7',
    ],
    `?${'a=1&'.repeat(2000)}`,
    '?#x',
  ),
  fc.webQueryParameters().map((query) => `?${query}`),
);
