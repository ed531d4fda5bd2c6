import type { JsonObject } from '@vestibule/shared/contracts/json';
import { AppError } from '@vestibule/shared/errors';
import { checkForm } from './form.ts';
import { mostFormBytes } from './form-schema.ts';

/**
 * What a client's form is kept as. Fails with `input-invalid`, also for one that is too large as it was sent: what no
 * schema names counts too.
 */
export function readForm(schema: JsonObject, form: JsonObject): JsonObject {
  if (Buffer.byteLength(JSON.stringify(form)) > mostFormBytes) {
    throw new AppError('input-invalid', { field: 'form' });
  }
  return checkForm(schema, form, 'form');
}
