import { Kind, type TSchema } from '../schema.ts';
import { checkOf } from '../schema-check.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function ofObject(properties: Readonly<Record<string, TSchema>>, value: unknown): unknown {
  if (!isObject(value)) return value;
  const named: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    if (Object.hasOwn(value, name)) named[name] = namedFields(property, value[name]);
  }
  return named;
}

/**
 * A value that fits a schema, of the fields that the schema names, at every depth. What it leaves open (`JsonObject`)
 * stays as it is. TypeBox's own `Clean` takes every member of Object.prototype for a name, and from an open object
 * the names with a line break.
 */
export function namedFields(schema: TSchema, value: unknown): unknown {
  switch (schema[Kind]) {
    case 'Object':
      return ofObject(schema.properties, value);
    case 'Array':
      return Array.isArray(value) ? value.map((item) => namedFields(schema.items, item)) : value;
    case 'Union': {
      const one = schema.anyOf.find((alternative: TSchema) => checkOf(alternative).Check(value));
      return one === undefined ? value : namedFields(one, value);
    }
    case 'Intersect':
    case 'Tuple':
    case 'Ref':
      throw new Error(`a contract is written without ${schema[Kind]}`);
    default:
      return value;
  }
}
