import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { decode, encode } from '../src/bus/wire.ts';
import { authContracts } from '../src/contracts/auth.ts';
import type { Contract } from '../src/contracts/contract.ts';
import { EventEnvelope, eventData } from '../src/contracts/event.ts';
import { processContracts } from '../src/contracts/process.ts';
import { userContracts } from '../src/contracts/user.ts';
import { verificationContracts } from '../src/contracts/verification.ts';
import { AppError } from '../src/errors.ts';
import { Kind, type TSchema, Value } from '../src/schema.ts';
import { fitting, hostileJson, prototypeNames } from './harness/arbitrary.ts';

const contracts: Contract[] = [authContracts, processContracts, userContracts, verificationContracts].flatMap(
  (table) => Object.values<Contract>(table),
);
const schemas: [name: string, schema: TSchema][] = [
  ...contracts.flatMap(({ subject, request, reply }): [string, TSchema][] => [
    [`request of ${subject}`, request],
    [`reply of ${subject}`, reply],
  ]),
  ['an event', EventEnvelope],
  ...Object.entries(eventData).map(([kind, schema]): [string, TSchema] => [`data of ${kind}`, schema]),
];
const options = { numRuns: 40, seed: 20261121 };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value with fields that no schema names in every object that a schema describes. */
function sprinkled(schema: TSchema, value: unknown, fields: object): unknown {
  if (schema[Kind] === 'Union') {
    const one = schema.anyOf.find((inner: TSchema) => Value.Check(inner, value));
    return sprinkled(one, value, fields);
  }
  if (schema[Kind] === 'Array' && Array.isArray(value)) {
    return value.map((item) => sprinkled(schema.items, item, fields));
  }
  if (schema[Kind] !== 'Object' || !isObject(value)) return value;
  const own = Object.entries(value).map(([name, part]) => [
    name,
    sprinkled(schema.properties[name], part, fields),
  ]);
  return Object.fromEntries([...Object.entries(fields), ...own]);
}

/** Where the parts of a value are; `[]` is the whole. */
function* placesOf(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, part] of Object.entries(value)) yield* placesOf(part, [...path, name]);
}

/** The value with another one at a place, or with nothing there. */
function changed(value: unknown, [name, ...path]: readonly string[], other: unknown): unknown {
  if (name === undefined) return other;
  const parts = Object.entries(value ?? {}).map(([key, part]): [string, unknown] =>
    key === name ? [key, changed(part, path, other)] : [key, part],
  );
  if (Array.isArray(value)) return parts.map(([, part]) => part);
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}

const unnamed = fc.dictionary(
  fc.oneof(fc.constantFrom(...prototypeNames), fc.constantFrom('no-field', 'is_admin', '\n', '')),
  fc.oneof(hostileJson, fc.constant({ polluted: true })),
  { minKeys: 1, maxKeys: 5 },
);

t.test('what fits arrives as it was sent', async (t) => {
  for (const [name, schema] of schemas) {
    fc.assert(
      fc.property(fitting(schema), (value) =>
        isDeepStrictEqual(decode(schema, encode(schema, value, name), name), value),
      ),
      options,
    );
    t.pass(name);
  }
});

t.test('what no contract names is dropped at every depth, whatever its name', async (t) => {
  for (const [name, schema] of schemas) {
    fc.assert(
      fc.property(fitting(schema), unnamed, (value, fields) => {
        const payload = JSON.stringify(sprinkled(schema, value, fields));
        return isDeepStrictEqual(decode(schema, payload, name), value);
      }),
      options,
    );
    t.pass(name);
  }
  t.notOk('polluted' in {}, 'and no prototype has it either');
});

t.test('what is decoded was valid, and what is not valid is refused without being repeated', async (t) => {
  let refused = 0;
  const secret = 'canary-5f3a';
  for (const [name, schema] of schemas) {
    const others = fc.oneof(hostileJson, fc.constant(undefined), fc.constantFrom(secret, [secret]));
    fc.assert(
      fc.property(fitting(schema), fc.nat(), others, (value, index, other) => {
        const places = [...placesOf(value)];
        const sent = changed(value, places[index % places.length] ?? [], other);
        const payload = JSON.stringify(sent) ?? '';
        const valid = payload !== '' && Value.Check(schema, JSON.parse(payload));
        try {
          const decoded = decode(schema, payload, name);
          return valid && Value.Check(schema, decoded);
        } catch (error) {
          refused += 1;
          return (
            !valid &&
            error instanceof AppError &&
            error.code === 'contract-violated' &&
            !String(error.cause).includes(secret)
          );
        }
      }),
      options,
    );
    t.pass(name);
  }
  t.ok(refused > 1000, `${refused} were refused`);
});
