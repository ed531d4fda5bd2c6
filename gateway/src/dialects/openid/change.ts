import type { ProfileChange } from '@vestibule/shared/contracts/account';
import { AppError } from '@vestibule/shared/errors';
import { createFieldsCheck } from '../../fields.ts';
import { Change } from './schemas.ts';

const check = createFieldsCheck(Change);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('json-invalid');
  }
}

/** Reads what `update` asks for, an object or its JSON text; fields that it may not write are left out. */
export function readChange(update: unknown): ProfileChange {
  const change = typeof update === 'string' ? parsed(update) : update;
  if (typeof change !== 'object' || change === null || Array.isArray(change))
    throw new AppError('json-unfit');
  const { fields, fails } = check({ ...change });
  if (fields === undefined) throw new AppError('json-unfit', { field: fails });
  return fields;
}
