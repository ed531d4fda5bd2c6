import { storableText } from '@vestibule/shared/contracts/account';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import { AppError } from '@vestibule/shared/errors';
import { TypeCompiler } from '@vestibule/shared/schema';
import {
  type Field,
  FormSchema,
  type GroupField,
  type ListField,
  mostCharacters,
  mostFormBytes,
  type ScalarField,
} from './form-schema.ts';
import { isOfFormat } from './text-formats.ts';

type OfType<T extends ScalarField['type']> = Extract<ScalarField, { type: T }>;

const formSchema = TypeCompiler.Compile(FormSchema);
const storable = new RegExp(storableText);
const decimal = /^-?\d{1,15}(\.\d{1,15})?$/;

function refuse(field: string): never {
  throw new AppError('input-invalid', { field });
}

/** A number where text is wanted is its text, if it is sure which text that was. */
function readText(field: OfType<'string'>, sent: unknown, where: string): string {
  const text = Number.isSafeInteger(sent) ? String(sent) : sent;
  // Before anything goes through it: no text of so few characters is longer.
  if (typeof text !== 'string' || text.length > 2 * mostCharacters) return refuse(where);
  const characters = [...text].length;
  const { minLength = 0, maxLength = mostCharacters } = field;
  if (characters < minLength || characters > maxLength || !storable.test(text)) return refuse(where);
  if (field.enum && !field.enum.includes(text)) return refuse(where);
  if (field.format && !isOfFormat[field.format](text)) return refuse(where);
  return text;
}

function readNumber(field: OfType<'number' | 'integer'>, sent: unknown, where: string): number {
  const value = typeof sent === 'string' && decimal.test(sent) ? Number(sent) : sent;
  if (typeof value !== 'number' || !Number.isFinite(value)) return refuse(where);
  if (field.type === 'integer' && !Number.isSafeInteger(value)) return refuse(where);
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = field;
  return value < minimum || value > maximum ? refuse(where) : value;
}

function readBoolean(sent: unknown, where: string): boolean {
  if (sent === true || sent === 'true') return true;
  return sent === false || sent === 'false' ? false : refuse(where);
}

function readList(field: ListField, sent: unknown, where: string): unknown[] {
  const { minItems = 0, maxItems, items } = field;
  if (!Array.isArray(sent) || sent.length < minItems || sent.length > maxItems) return refuse(where);
  return sent.map((item: unknown, index) => readField(items, item, `${where}.${index}`));
}

/**
 * The value of a field as it is kept: forms send numbers and booleans as text. (Ajv's own conversion takes `Infinity`
 * for a number, `true` for text and null for either.)
 */
export function readField(field: Field, sent: unknown, where: string): unknown {
  switch (field.type) {
    case 'string':
      return readText(field, sent, where);
    case 'number':
    case 'integer':
      return readNumber(field, sent, where);
    case 'boolean':
      return readBoolean(sent, where);
    case 'array':
      return readList(field, sent, where);
    case 'object':
      return readGroup(field, sent, where);
  }
}

/** What forms send for a field that was left empty. */
const isEmpty = (sent: unknown): boolean => sent === undefined || sent === null || sent === '';

function readGroup(group: GroupField | FormSchema, sent: unknown, where: string): JsonObject {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return refuse(where);
  const values = new Map<string, unknown>(Object.entries(sent));
  const read: JsonObject = {};
  for (const [name, field] of Object.entries<Field>(group.properties)) {
    const standard = 'default' in field ? field.default : undefined;
    const given = values.get(name);
    if (group.required?.includes(name)) {
      read[name] = readField(field, given ?? standard, `${where}.${name}`);
    } else if (!isEmpty(given)) {
      read[name] = readField(field, given, `${where}.${name}`);
    } else if (standard !== undefined) {
      read[name] = standard;
    }
  }
  return read;
}

/** A form's schema that was checked when its definition was loaded. */
export function formSchemaOf(schema: JsonObject): FormSchema {
  if (!formSchema.Check(schema)) throw new Error('this is no schema of a form');
  return schema;
}

/**
 * A form as it is kept: what its schema names and nothing else, defaults filled, text of numbers and booleans
 * converted. `where` is the form's own name. Fails with `input-invalid`, whose `field` is the first that breaks
 * its rule: `form.title`.
 */
export function checkForm(schema: JsonObject, form: JsonObject, where: string): JsonObject {
  const read = readGroup(formSchemaOf(schema), form, where);
  return Buffer.byteLength(JSON.stringify(read)) > mostFormBytes ? refuse(where) : read;
}
