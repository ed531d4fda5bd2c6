import { storableText } from '@vestibule/shared/contracts/account';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import { AppError } from '@vestibule/shared/errors';
import { type TSchema, Type } from '@vestibule/shared/schema';

/** Levels of objects and arrays in each other. */
const maxDepth = 20;
const storable = new RegExp(storableText);

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

/** Refuses what could not be stored, or costs too much to walk through; names where it is. */
function insistStorable(path: string, value: unknown, depth = 0): void {
  if (typeof value === 'string' && !storable.test(value))
    throw new AppError('input-invalid', { field: path });
  if (typeof value !== 'object' || value === null) return;
  if (depth === maxDepth) throw new AppError('input-invalid', { field: path });
  for (const [key, part] of Object.entries(value)) {
    if (!storable.test(key)) throw new AppError('input-invalid', { field: path });
    insistStorable(`${path}.${key}`, part, depth + 1);
  }
}

/** Reads a field of `JsonField`: an object, all of whose text can be stored. */
export function readObject(field: string, given: unknown): JsonObject {
  const value = typeof given === 'string' ? parsed(field, given) : given;
  if (!isObject(value)) throw new AppError('json-unfit', { field });
  insistStorable(field, value);
  return value;
}
