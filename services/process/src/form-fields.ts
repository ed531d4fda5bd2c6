import type { JsonObject } from '@vestibule/shared/contracts/json';
import { formSchemaOf } from './form.ts';
import type { Field } from './form-schema.ts';

/** All values that a field may have; undefined: more than can be told apart. */
function valuesOf(field: Field): readonly unknown[] | undefined {
  if (field.type === 'string') return field.enum;
  return field.type === 'boolean' ? [true, false] : undefined;
}

/** What a definition's rules and diagrams ask of a field of a form; undefined where the form has no field of this name. */
export function formFieldOf(form: JsonObject, name: string) {
  const { properties, required = [] } = formSchemaOf(form);
  const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (field === undefined) return undefined;
  const hasDefault = 'default' in field && field.default !== undefined;
  return {
    title: field.title,
    values: valuesOf(field),
    isInstant: field.type === 'string' && field.format === 'date-time',
    /** Whether every form that was accepted has it. */
    isAlwaysThere: hasDefault || required.includes(name),
    hasDefault,
  };
}
