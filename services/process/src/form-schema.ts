import { type Static, Type } from '@vestibule/shared/schema';

/** Characters of one text at most, properties of one object, items of one list; bytes of a schema and of a form. */
export const mostCharacters = 10_000;
export const mostProperties = 50;
const mostItems = 100;
export const mostSchemaBytes = 8 * 1024;
export const mostFormBytes = 16 * 1024;

const closed = { additionalProperties: false };
const words = {
  title: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  description: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
};

/** How a field of a form is named. */
export const FieldName = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,63}$' });

export const TextFormat = Type.Union([
  Type.Literal('date-time'),
  Type.Literal('date'),
  Type.Literal('email'),
  Type.Literal('phone'),
]);
export type TextFormat = Static<typeof TextFormat>;

/** A field with one value. `default` stands where the form leaves it out. */
export const TextField = Type.Object(
  {
    type: Type.Literal('string'),
    ...words,
    /** Both are counted in characters as a reader counts them; a `format` has a length of its own. */
    minLength: Type.Optional(Type.Integer({ minimum: 0, maximum: mostCharacters })),
    /** Required of a text that has neither `enum` nor `format`. */
    maxLength: Type.Optional(Type.Integer({ minimum: 1, maximum: mostCharacters })),
    enum: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
        minItems: 1,
        maxItems: 50,
        uniqueItems: true,
      }),
    ),
    format: Type.Optional(TextFormat),
    default: Type.Optional(Type.String()),
  },
  closed,
);
export const NumberField = Type.Object(
  {
    type: Type.Union([Type.Literal('number'), Type.Literal('integer')]),
    ...words,
    minimum: Type.Optional(Type.Number()),
    maximum: Type.Optional(Type.Number()),
    default: Type.Optional(Type.Number()),
  },
  closed,
);
export const BooleanField = Type.Object(
  { type: Type.Literal('boolean'), ...words, default: Type.Optional(Type.Boolean()) },
  closed,
);
const ScalarField = Type.Union([TextField, NumberField, BooleanField]);
export type ScalarField = Static<typeof ScalarField>;

/** Several values; its items have no default. */
export const ListField = Type.Object(
  {
    type: Type.Literal('array'),
    ...words,
    minItems: Type.Optional(Type.Integer({ minimum: 0, maximum: mostItems })),
    maxItems: Type.Integer({ minimum: 1, maximum: mostItems }),
    items: ScalarField,
  },
  closed,
);
export type ListField = Static<typeof ListField>;

const object = {
  type: Type.Literal('object'),
  ...words,
  required: Type.Optional(Type.Array(FieldName, { maxItems: mostProperties, uniqueItems: true })),
};
const InnerField = Type.Union([ScalarField, ListField]);

/** A group of fields within a form; it holds no further group. */
export const GroupField = Type.Object({ ...object, properties: Type.Record(FieldName, InnerField) }, closed);
export type GroupField = Static<typeof GroupField>;

const Field = Type.Union([InnerField, GroupField]);
export type Field = Static<typeof Field>;

/**
 * What of JSON Schema may describe a form: an object of texts, numbers, booleans, lists of these, and groups of all
 * that. Every size is bounded, and nothing in it can loop or backtrack: no `pattern`, no `$ref`, no combinators.
 */
export const FormSchema = Type.Object({ ...object, properties: Type.Record(FieldName, Field) }, closed);
export type FormSchema = Static<typeof FormSchema>;
