import type { JsonObject } from '@vestibule/shared/contracts/json';
import { AppError } from '@vestibule/shared/errors';
import { checkForm } from './form.ts';

/** Bytes of a form as JSON at most: a page of history holds 50 of them, a bus message a million bytes. */
const mostBytes = 16 * 1024;

function bounded(form: JsonObject): JsonObject {
  if (Buffer.byteLength(JSON.stringify(form)) > mostBytes)
    throw new AppError('input-invalid', { field: 'form' });
  return form;
}

/** What a client's form is kept as; also what its schema lets pass must not be too large. Fails with `input-invalid`. */
export const readForm = (schema: JsonObject, form: JsonObject): JsonObject =>
  bounded(checkForm(schema, bounded(form), 'form'));
