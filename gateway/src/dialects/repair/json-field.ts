import type { JsonObject } from '@vestibule/shared/contracts/json';
import { AppError } from '@vestibule/shared/errors';
import { type TSchema, Type } from '@vestibule/shared/schema';
import { unstorablePath } from '@vestibule/shared/storable-json';

/** Levels of objects and arrays in each other. */
const maxDepth = 20;

/** The schema of a field that is a JSON object, or its text, as it must be in a form; read by `readObject`. */
export const JsonField = (description: string, ...shapes: TSchema[]) =>
  Type.Unknown({
    description,
    anyOf: [
      ...(shapes.length > 0 ? shapes : [Type.Object({}, { additionalProperties: true })]),
      Type.String({ contentMediaType: 'application/json' }),
    ],
  });

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(field: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('json-invalid', { field });
  }
}

/** Reads a field of `JsonField`: an object, all of whose text can be stored. */
export function readObject(field: string, given: unknown): JsonObject {
  const value = typeof given === 'string' ? parsed(field, given) : given;
  if (!isObject(value)) throw new AppError('json-unfit', { field });
  const wrong = unstorablePath(value, field, maxDepth);
  if (wrong !== null) throw new AppError('input-invalid', { field: wrong });
  return value;
}
