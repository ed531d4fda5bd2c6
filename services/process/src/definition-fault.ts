import { AppError } from '@vestibule/shared/errors';
import { type Static, type TSchema, type TypeCheck, ValueErrorType } from '@vestibule/shared/schema';

/** Names may come from whoever wrote the definition: an answer is no place for 64 KiB of them. */
const longestPlace = 200;

/** Refuses a definition: `field` is the place (`steps.confirm.next.0.to`), `rule` what it breaks. */
export function refuse(field: string, rule: string): never {
  throw new AppError('definition-invalid', { field: field.slice(0, longestPlace), rule });
}

/** The place of a part within a part; the whole has no name. */
export const within = (where: string, part: string | number): string =>
  where === '' ? String(part) : `${where}.${part}`;

const rules: Partial<Record<ValueErrorType, string>> = {
  [ValueErrorType.ObjectRequiredProperty]: 'missing',
  [ValueErrorType.ObjectAdditionalProperties]: 'unknown-property',
  [ValueErrorType.StringPattern]: 'malformed',
  [ValueErrorType.StringMinLength]: 'too-short',
  [ValueErrorType.StringMaxLength]: 'too-long',
  [ValueErrorType.ArrayMinItems]: 'too-few',
  [ValueErrorType.ArrayMaxItems]: 'too-many',
  [ValueErrorType.ArrayUniqueItems]: 'repeated',
  [ValueErrorType.NumberMinimum]: 'out-of-range',
  [ValueErrorType.NumberMaximum]: 'out-of-range',
  [ValueErrorType.IntegerMinimum]: 'out-of-range',
  [ValueErrorType.IntegerMaximum]: 'out-of-range',
  [ValueErrorType.Literal]: 'unknown-value',
  [ValueErrorType.Union]: 'unknown-value',
};

/** What a value that is none of a closed list is called, by the property that holds it. */
const unknown: Readonly<Record<string, string>> = {
  candidateRole: 'unknown-role',
  action: 'unknown-action',
  format: 'unknown-format',
};

/** A value that is of its schema; else the first place where it is not is refused. */
export function ofShape<S extends TSchema>(check: TypeCheck<S>, value: unknown, where: string): Static<S> {
  if (check.Check(value)) return value;
  const error = check.Errors(value).First();
  const path = error?.path.split('/').slice(1) ?? [];
  const rule = (error && rules[error.type]) ?? 'wrong-type';
  const named = rule === 'unknown-value' ? unknown[path.at(-1) ?? ''] : undefined;
  return refuse(path.reduce(within, where), named ?? rule);
}

/** The schema of one of several kinds, by the property that tells them apart. */
export function ofKind<C>(kinds: ReadonlyMap<unknown, C>, tag: string, value: object, where: string): C {
  const kind = Object.entries(value).find(([name]) => name === tag)?.[1];
  const found = kinds.get(kind);
  if (found !== undefined) return found;
  return refuse(within(where, tag), kind === undefined ? 'missing' : `unknown-${tag}`);
}
