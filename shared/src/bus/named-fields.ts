import { Kind, type TSchema } from '../schema.ts';
import { checkOf } from '../schema-check.ts';

/** Gives a value that fits a schema with its named fields only; absent: the schema leaves nothing out. */
type Cleaner = ((value: unknown) => unknown) | undefined;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function ofObject(properties: Readonly<Record<string, TSchema>>): Cleaner {
  const fields = Object.entries(properties).map(([name, schema]) => ({ name, clean: cleanerOf(schema) }));
  return (value) => {
    if (!isObject(value)) return value;
    const named: Record<string, unknown> = {};
    for (const { name, clean } of fields) {
      if (Object.hasOwn(value, name)) named[name] = clean ? clean(value[name]) : value[name];
    }
    return named;
  };
}

function ofArray(items: TSchema): Cleaner {
  const clean = cleanerOf(items);
  return clean && ((value) => (Array.isArray(value) ? value.map((item) => clean(item)) : value));
}

function ofUnion(alternatives: readonly TSchema[]): Cleaner {
  const cleaners = alternatives.map((schema) => ({ schema, clean: cleanerOf(schema) }));
  if (cleaners.every(({ clean }) => clean === undefined)) return undefined;
  return (value) => {
    const one = cleaners.find(({ schema }) => checkOf(schema).Check(value));
    return one?.clean ? one.clean(value) : value;
  };
}

function createCleaner(schema: TSchema): Cleaner {
  switch (schema[Kind]) {
    case 'Object':
      return ofObject(schema.properties);
    case 'Array':
      return ofArray(schema.items);
    case 'Union':
      return ofUnion(schema.anyOf);
    case 'Intersect':
    case 'Tuple':
    case 'Ref':
      throw new Error(`a contract is written without ${schema[Kind]}`);
    default:
      return undefined;
  }
}

const cleaners = new WeakMap<TSchema, { clean: Cleaner }>();

/** Each is made once in the life of the process. */
function cleanerOf(schema: TSchema): Cleaner {
  let known = cleaners.get(schema);
  if (known === undefined) {
    known = { clean: createCleaner(schema) };
    cleaners.set(schema, known);
  }
  return known.clean;
}

/**
 * A value that fits a schema, of the fields that the schema names, at every depth. What it leaves open (`JsonObject`)
 * stays as it is. TypeBox's own `Clean` takes every member of Object.prototype for a name, and from an open object
 * the names with a line break.
 */
export function namedFields(schema: TSchema, value: unknown): unknown {
  const clean = cleanerOf(schema);
  return clean ? clean(value) : value;
}
