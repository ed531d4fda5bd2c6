/**
 * How values of Postgres arrive, on pg and on PGlite alike; both drivers take their parsers from here.
 *
 * | Postgres | here |
 * | --- | --- |
 * | int8, int8[] | number; one that a number cannot hold exactly throws a RangeError |
 * | int2, int4, float4, float8 | number |
 * | numeric | text: it may have more digits than a number |
 * | timestamptz | Date, cut to milliseconds |
 * | timestamp, date, time, interval | text as Postgres prints it: no time zone is guessed |
 * | json, jsonb | parsed; give them as `JSON.stringify(value)` |
 * | bytea | Buffer |
 * | uuid, text | text |
 */
export const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  17: (text) => Buffer.from(text.slice(2), 'hex'),
  20: safeInteger,
  114: parseJson,
  1016: safeIntegers,
  1082: asText,
  1083: asText,
  1114: asText,
  1186: asText,
  1700: asText,
  3802: parseJson,
};

function safeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError('an int8 of the database is too large for a number');
}

/** `{1,NULL,3}`; of one dimension. */
function safeIntegers(text: string): (number | null)[] {
  if (text === '{}') return [];
  return text
    .slice(1, -1)
    .split(',')
    .map((item) => (item === 'NULL' ? null : safeInteger(item)));
}

function asText(text: string): string {
  return text;
}

function parseJson(text: string): unknown {
  return JSON.parse(text);
}
