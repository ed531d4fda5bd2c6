import { type TSchema, type TypeCheck, TypeCompiler } from './schema.ts';

const compiled = new WeakMap<TSchema, TypeCheck<TSchema>>();

/** The compiled check of a schema; each is compiled once in the life of the process. */
export function checkOf<S extends TSchema>(schema: S): TypeCheck<S> {
  let check = compiled.get(schema);
  if (check === undefined) {
    check = TypeCompiler.Compile<TSchema>(schema);
    compiled.set(schema, check);
  }
  return check as TypeCheck<S>; // The map holds under each schema the check of that schema.
}
