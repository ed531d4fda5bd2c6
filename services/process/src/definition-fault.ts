import { AppError } from '@vestibule/shared/errors';
import { type Static, type TSchema, type TypeCheck, ValueErrorType } from '@vestibule/shared/schema';

/** What a definition can break; docs/definition-rules.md lists it. */
export const ruleMeanings = {
  // The shape of anything in it.
  missing: 'It must be there.',
  'unknown-property': 'Nothing of this name belongs there.',
  'wrong-type': 'It is a value of another type than is wanted, or no whole number where one is wanted.',
  malformed: 'The text has not the form that it must have: a name, a duration.',
  'too-short': 'The text has too few characters.',
  'too-long': 'The text has too many characters.',
  'too-few': 'The list has too few items.',
  'too-many': 'There are too many steps, fields or items.',
  repeated: 'A value stands in the list twice.',
  'out-of-range': 'The number is too small or too large.',
  'unknown-value': 'It is none of the values that it may have.',
  'unknown-kind': 'A step is of the kind `task`, `action` or `end`.',
  'unknown-role': 'There is no such role.',
  'unknown-action': 'There is no such action.',
  unstorable: 'Some text holds NUL or half a surrogate pair, or it is nested more than 64 levels deep.',
  'too-large':
    'The JSON has too many bytes: 64 KiB is the most for a definition, 8 KiB for the schema of a form.',
  'no-room': 'The newest versions of all definitions would have more than 128 KiB together.',
  // Schemas of forms.
  'unknown-type':
    'A field has no such type, or not in this place: a group holds no group, a list only values.',
  'unknown-format': 'There is no such format.',
  'unknown-field': 'The form has no field of this name.',
  contradictory: 'No value fits both limits; or a `format` has limits beside its own.',
  'impossible-value': 'The field can never have this value.',
  // How steps hang together.
  'unknown-step': 'There is no step of this name.',
  'nothing-to-do': 'The first step is an end.',
  'too-many-ways': 'There are more than 100 ways from one step to another.',
  unreachable: 'No way leads to this step.',
  endless: 'Actions follow each other in a circle, without a task.',
  'no-way-out': 'From this step no end can be reached.',
  // Tasks.
  nobody: 'Nobody can do the task: it has neither `candidateRole` nor `assignee`.',
  'no-time': 'The duration is zero.',
  'no-date-time': 'The field is no text of the format `date-time`.',
  'without-due': 'A task that is never due cannot be reminded of.',
  undecidable: 'A branch hangs on a field that is neither a boolean nor a text with `enum`.',
  'never-taken': 'One of the branches before is always taken instead.',
  'not-covered': 'For some forms no branch is taken: add one without `when`.',
  'no-task': '`assign` stands on a branch that does not lead to a task.',
  'no-worker': '`assign` stands on a branch to a task that nobody can have done before.',
  // How it starts.
  'platform-only': 'Only a definition with `by: platform` may have this.',
  'filled-by-nobody':
    'It starts by itself, with an empty form, but this field is required and has no default.',
} as const;
export type DefinitionRule = keyof typeof ruleMeanings;

/** Names may come from whoever wrote the definition: an answer is no place for 64 KiB of them. */
const longestPlace = 200;

/** Refuses a definition: `field` is the place (`steps.confirm.next.0.to`), `rule` what it breaks. */
export function refuse(field: string, rule: DefinitionRule): never {
  throw new AppError('definition-invalid', { field: field.slice(0, longestPlace), rule });
}

/** The place of a part within a part; the whole has no name. */
export const within = (where: string, part: string | number): string =>
  where === '' ? String(part) : `${where}.${part}`;

const rules: Partial<Record<ValueErrorType, DefinitionRule>> = {
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
const unknown: Readonly<Record<string, DefinitionRule>> = {
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
export function ofKind<C>(
  kinds: ReadonlyMap<unknown, C>,
  tag: 'kind' | 'type',
  value: object,
  where: string,
): C {
  const kind = Object.entries(value).find(([name]) => name === tag)?.[1];
  const found = kinds.get(kind);
  if (found !== undefined) return found;
  return refuse(within(where, tag), kind === undefined ? 'missing' : `unknown-${tag}`);
}
