import { JsonObject } from '@vestibule/shared/contracts/json';
import { codeOf } from '@vestibule/shared/errors';
import { Type, TypeCompiler } from '@vestibule/shared/schema';
import { ofKind, ofShape, refuse, within } from './definition-fault.ts';
import { readField } from './form.ts';
import {
  BooleanField,
  FieldName,
  FormSchema,
  ListField,
  mostProperties,
  mostSchemaBytes,
  NumberField,
  type ScalarField,
  TextField,
} from './form-schema.ts';

const closed = { additionalProperties: false };
const someObject = TypeCompiler.Compile(JsonObject);
const fieldName = TypeCompiler.Compile(FieldName);
const textField = TypeCompiler.Compile(TextField);
const numberField = TypeCompiler.Compile(NumberField);
const booleanField = TypeCompiler.Compile(BooleanField);
/** What is inside is looked at by its own kind, so that its fault is named at its own place. */
const list = TypeCompiler.Compile(Type.Object({ ...ListField.properties, items: JsonObject }, closed));
const group = TypeCompiler.Compile(Type.Object({ ...FormSchema.properties, properties: JsonObject }, closed));

/** Throws `definition-invalid` for a schema of one kind that breaks a rule. */
type Rule = (schema: JsonObject, where: string) => void;

function isAccepted(field: ScalarField, value: unknown): boolean {
  try {
    return readField(field, value, '') === value;
  } catch (error) {
    if (codeOf(error) === 'input-invalid') return false;
    throw error;
  }
}

/** A least that is over the most leaves no value. */
function inOrder(least: number | undefined, most: number | undefined, where: string): void {
  if (least !== undefined && most !== undefined && least > most) refuse(where, 'contradictory');
}

function checkDefault(field: ScalarField, where: string): void {
  if (field.default !== undefined && !isAccepted(field, field.default)) {
    refuse(within(where, 'default'), 'impossible-value');
  }
}

const checkText: Rule = (schema, where) => {
  const field = ofShape(textField, schema, where);
  const { minLength, maxLength, enum: values, format } = field;
  if (values === undefined && format === undefined && maxLength === undefined) {
    refuse(within(where, 'maxLength'), 'missing');
  }
  if (format !== undefined && (minLength ?? maxLength) !== undefined) {
    refuse(within(where, 'format'), 'contradictory');
  }
  inOrder(minLength, maxLength, within(where, 'minLength'));
  for (const [index, value] of (values ?? []).entries()) {
    if (!isAccepted(field, value)) refuse(within(where, `enum.${index}`), 'impossible-value');
  }
  checkDefault(field, where);
};

const checkNumber: Rule = (schema, where) => {
  const field = ofShape(numberField, schema, where);
  const { type, minimum, maximum } = field;
  for (const [name, bound] of Object.entries({ minimum, maximum })) {
    if (type === 'integer' && bound !== undefined && !Number.isSafeInteger(bound)) {
      refuse(within(where, name), 'wrong-type');
    }
  }
  inOrder(minimum, maximum, within(where, 'minimum'));
  checkDefault(field, where);
};

const checkBoolean: Rule = (schema, where) => {
  ofShape(booleanField, schema, where);
};

const scalars: [string, Rule][] = [
  ['string', checkText],
  ['number', checkNumber],
  ['integer', checkNumber],
  ['boolean', checkBoolean],
];
const itemRules = new Map(scalars);

const checkList: Rule = (schema, where) => {
  const { items, minItems, maxItems } = ofShape(list, schema, where);
  inOrder(minItems, maxItems, within(where, 'minItems'));
  const place = within(where, 'items');
  ofKind(itemRules, 'type', items, place)(items, place);
  if (Object.hasOwn(items, 'default')) refuse(within(place, 'default'), 'unknown-property');
};

const innerRules = new Map([...scalars, ['array', checkList] as const]);
const rules = new Map([...innerRules, ['object', checkObject(innerRules)] as const]);

function checkObject(kinds: ReadonlyMap<string, Rule>): Rule {
  return (schema, where) => {
    const { properties, required = [] } = ofShape(group, schema, where);
    const fields = Object.entries(properties);
    if (fields.length > mostProperties) refuse(within(where, 'properties'), 'too-many');
    for (const [name, field] of fields) {
      const place = within(where, `properties.${name}`);
      if (!fieldName.Check(name)) refuse(place, 'malformed');
      const object = ofShape(someObject, field, place);
      ofKind(kinds, 'type', object, place)(object, place);
    }
    for (const [index, name] of required.entries()) {
      if (!Object.hasOwn(properties, name)) refuse(within(where, `required.${index}`), 'unknown-field');
    }
  };
}

const checkForm = checkObject(rules);

/** Refuses what is no schema of a form, with `definition-invalid` that names the place and the rule. */
export const checkFormSchema: Rule = (schema, where) => {
  if (Buffer.byteLength(JSON.stringify(schema)) > mostSchemaBytes) refuse(where, 'too-large');
  checkForm(schema, where);
};
