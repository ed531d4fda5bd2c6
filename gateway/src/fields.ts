import { storableCharacters } from '@vestibule/shared/contracts/account';
import { AppError } from '@vestibule/shared/errors';
import { type TObject, type TSchema, Type, TypeCompiler } from '@vestibule/shared/schema';
import type { FastifySchemaCompiler } from 'fastify';
import type { Fields } from './bodies.ts';

/** Text of `least` to `most` characters, as a reader counts them, that can be stored as it is. */
export const Characters = (least: number, most: number, options: { description?: string } = {}) =>
  Type.String({ ...options, pattern: storableCharacters(least, most) });

const isText = ({ type, anyOf }: TSchema): boolean =>
  type === 'string' || (Array.isArray(anyOf) && anyOf.every(isText));

/** A number where the document says text is taken as its text, if it is sure which text that was. */
const asText = (value: unknown): unknown => (Number.isSafeInteger(value) ? String(value) : value);

/** The fields that a schema names, and no others. */
function named(schema: TObject, sent: Fields): Fields {
  const fields: Fields = {};
  for (const [name, property] of Object.entries<TSchema>(schema.properties)) {
    const value = sent[name];
    if (value !== undefined) fields[name] = isText(property) ? asText(value) : value;
  }
  return fields;
}

/** Checks fields against the schema of an object; `fails` names the first that breaks its rule. */
export function createFieldsCheck<S extends TObject>(schema: S) {
  const compiled = TypeCompiler.Compile(schema);
  return (sent: Fields) => {
    const fields = named(schema, sent);
    if (compiled.Check(fields)) return { fields };
    const [, field] = compiled.Errors(fields).First()?.path.split('/') ?? [];
    return { fails: field ?? '' };
  };
}

/** Fastify's validator: what a route gets in `request.body` is what its schema names, checked. */
export const compileFields: FastifySchemaCompiler<TObject> = ({ schema }) => {
  const check = createFieldsCheck(schema);
  return (sent: Fields) => {
    const { fields, fails } = check(sent);
    return fails === undefined
      ? { value: fields }
      : { error: new AppError('input-invalid', { field: fails }) };
  };
};
