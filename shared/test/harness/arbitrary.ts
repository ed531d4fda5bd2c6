import fc from 'fast-check';
import { storableText } from '../../src/contracts/account.ts';
import { Kind, type TSchema, Type } from '../../src/schema.ts';

/** Text of characters that can be stored: any but NUL and halves of surrogate pairs. */
const storable = (minLength: number, maxLength: number) =>
  fc.string({ unit: 'binary', minLength, maxLength }).map((text) => text.replaceAll('\0', '\u{1f600}'));

/** `*$` or `{least,most}$` behind the class of characters that can be stored. */
const storableStart = storableText.slice(0, -2);

function text({ pattern, minLength = 0, maxLength = 64 }: TSchema): fc.Arbitrary<string> {
  const fits = (value: string) => value.length >= minLength && value.length <= maxLength;
  if (pattern === undefined) return fc.string({ unit: 'binary', minLength, maxLength }).filter(fits);
  if (!pattern.startsWith(storableStart)) return fc.stringMatching(new RegExp(pattern)).filter(fits);
  const [, least = minLength, most = maxLength / 2] =
    /^\{(\d+),(\d+)\}\$$/.exec(pattern.slice(storableStart.length)) ?? [];
  return storable(Number(least), Math.floor(Number(most))).filter((value) => fits(value) || maxLength === 64);
}

/** Any JSON, as it is after it was sent once. */
const json = fc.jsonValue({ maxDepth: 3 }).map((value): unknown => JSON.parse(JSON.stringify(value)));

/** What TypeBox writes for the names of a record that may be any. */
const anyName = '^(.*)$';

function object({ properties, required = [] }: TSchema): fc.Arbitrary<unknown> {
  const parts = Object.entries<TSchema>(properties).map(([name, schema]) => [name, fitting(schema)]);
  return fc.record(Object.fromEntries(parts), { requiredKeys: required, noNullPrototype: true });
}

function record({ patternProperties }: TSchema): fc.Arbitrary<unknown> {
  const [[name = '', schema = Type.Unknown()] = []] = Object.entries<TSchema>(patternProperties);
  const names = name === anyName ? fc.string({ unit: 'binary' }) : fc.stringMatching(new RegExp(name));
  return fc.dictionary(names, fitting(schema), { maxKeys: 4, noNullPrototype: true });
}

/** Values that fit a schema of a contract. */
export function fitting(schema: TSchema): fc.Arbitrary<unknown> {
  switch (schema[Kind]) {
    case 'Object':
      return object(schema);
    case 'Array':
      return fc.array(fitting(schema.items), { maxLength: Math.min(schema.maxItems ?? 3, 3) });
    case 'Union':
      return fc.oneof(...schema.anyOf.map(fitting));
    case 'Literal':
      return fc.constant(schema.const);
    case 'String':
      return text(schema);
    case 'Integer':
      return fc.integer({
        min: schema.minimum ?? Number.MIN_SAFE_INTEGER,
        max: schema.maximum ?? Number.MAX_SAFE_INTEGER,
      });
    case 'Boolean':
      return fc.boolean();
    case 'Null':
      return fc.constant(null);
    case 'Record':
      return record(schema);
    case 'Unknown':
      return json;
    default:
      throw new Error(`no values are made up for ${schema[Kind]}`);
  }
}

/** JSON that is rarely what is asked for, and names that every object has from its prototype. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, -1, 0, 1e308, 0.5, '', 'x'.repeat(600), '\0', '\ud800', [], {}, [[]]),
  json,
);
export const prototypeNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
] as const;
