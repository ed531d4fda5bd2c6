import { AppError } from '@vestibule/shared/errors';
import t from 'tap';
import { checkDefinition } from '../src/definition-rules.ts';
import { changed, example } from './definition-example.ts';

const form = {
  type: 'object',
  title: '表单',
  required: ['text', 'group'],
  properties: {
    text: { type: 'string', title: '标题', description: '说明', minLength: 1, maxLength: 10, default: 'x' },
    choice: { type: 'string', enum: ['a', 'b'], default: 'b' },
    when: { type: 'string', format: 'date-time' },
    amount: { type: 'number', minimum: -1, maximum: 1.5, default: 0.5 },
    count: { type: 'integer', minimum: 1, maximum: 9 },
    yes: { type: 'boolean', default: true },
    list: { type: 'array', minItems: 1, maxItems: 5, items: { type: 'string', maxLength: 5 } },
    group: {
      type: 'object',
      required: ['inner'],
      properties: {
        inner: { type: 'integer' },
        many: { type: 'array', maxItems: 2, items: { type: 'number' } },
      },
    },
  },
};

/** What a form schema is refused for, as the form of a task. */
function refused(schema: unknown): string {
  try {
    checkDefinition(changed(example(), 'steps.answer.form', schema));
    return 'accepted';
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'definition-invalid') throw error;
    return `${error.details.field}: ${error.details.rule}`;
  }
}

const text = (more: object) => ({ type: 'string', maxLength: 10, ...more });
const fields = (count: number, field: object) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, field]));
const nothing = { type: 'object', properties: {} };

t.test('a schema of everything that may describe a form is accepted', async (t) => {
  t.equal(refused(form), 'accepted');
  t.equal(refused({ type: 'object', properties: fields(50, { type: 'boolean' }) }), 'accepted');
});

/** What stands at a place of the schema instead, and what that is refused for after `steps.answer.form`. */
const bad: readonly (readonly [place: string, value: unknown, refusal: string])[] = [
  ['type', undefined, '.type: missing'],
  ['type', 'array', '.type: unknown-value'],
  ['properties', undefined, '.properties: missing'],
  ['properties', [], '.properties: wrong-type'],
  ['properties', fields(51, { type: 'boolean' }), '.properties: too-many'],
  ['properties', fields(40, text({ description: 'd'.repeat(400) })), ': too-large'],
  ['required', 'text', '.required: wrong-type'],
  ['required', ['text', 'text'], '.required: repeated'],
  ['required', ['text', 'else'], '.required.1: unknown-field'],
  ['required', ['constructor'], '.required.0: unknown-field'],
  ['required', ['not a name'], '.required.0: malformed'],
  ['additionalProperties', false, '.additionalProperties: unknown-property'],
  ['$schema', 'http://json-schema.org/draft-07/schema#', '.$schema: unknown-property'],
  ['$ref', '#', '.$ref: unknown-property'],
  ['allOf', [nothing], '.allOf: unknown-property'],
  ['properties.9', { type: 'boolean' }, '.properties.9: malformed'],
  ['properties.a-b', { type: 'boolean' }, '.properties.a-b: malformed'],
  ['properties.__proto__', { type: 'boolean' }, '.properties.__proto__: malformed'],
  ['properties.text', true, '.properties.text: wrong-type'],
  ['properties.text', null, '.properties.text: wrong-type'],
  ['properties.text.type', undefined, '.properties.text.type: missing'],
  ['properties.text.type', 'text', '.properties.text.type: unknown-type'],
  ['properties.text.type', 'null', '.properties.text.type: unknown-type'],
  ['properties.text.type', ['string', 'null'], '.properties.text.type: unknown-type'],
  ['properties.text.pattern', '^(a+)+$', '.properties.text.pattern: unknown-property'],
  ['properties.text.maxlength', 5, '.properties.text.maxlength: unknown-property'],
  ['properties.text.const', 'x', '.properties.text.const: unknown-property'],
  ['properties.text.title', '', '.properties.text.title: too-short'],
  ['properties.text.description', 'd'.repeat(501), '.properties.text.description: too-long'],
  ['properties.text.maxLength', undefined, '.properties.text.maxLength: missing'],
  ['properties.text.maxLength', 0, '.properties.text.maxLength: out-of-range'],
  ['properties.text.maxLength', 10_001, '.properties.text.maxLength: out-of-range'],
  ['properties.text.maxLength', '10', '.properties.text.maxLength: wrong-type'],
  ['properties.text.maxLength', 1.5, '.properties.text.maxLength: wrong-type'],
  ['properties.text.minLength', -1, '.properties.text.minLength: out-of-range'],
  ['properties.text.minLength', 11, '.properties.text.minLength: contradictory'],
  ['properties.text.default', '', '.properties.text.default: impossible-value'],
  ['properties.text.default', 5, '.properties.text.default: wrong-type'],
  ['properties.text.enum', [], '.properties.text.enum: too-few'],
  ['properties.text.enum', ['a', 'a'], '.properties.text.enum: repeated'],
  ['properties.text.enum', [''], '.properties.text.enum.0: too-short'],
  ['properties.text.enum', [1], '.properties.text.enum.0: wrong-type'],
  ['properties.text.enum', ['a', 'much too long'], '.properties.text.enum.1: impossible-value'],
  ['properties.text.enum', 'ab', '.properties.text.enum: wrong-type'],
  [
    'properties.choice.enum',
    Array.from({ length: 51 }, (_, n) => `${n}`),
    '.properties.choice.enum: too-many',
  ],
  ['properties.choice.default', 'c', '.properties.choice.default: impossible-value'],
  ['properties.when.format', 'uri', '.properties.when.format: unknown-format'],
  ['properties.when.format', 'regex', '.properties.when.format: unknown-format'],
  ['properties.when.maxLength', 5, '.properties.when.format: contradictory'],
  ['properties.when.default', 'now', '.properties.when.default: impossible-value'],
  ['properties.amount.minimum', 2, '.properties.amount.minimum: contradictory'],
  ['properties.amount.minimum', '0', '.properties.amount.minimum: wrong-type'],
  ['properties.amount.default', 2, '.properties.amount.default: impossible-value'],
  ['properties.amount.multipleOf', 0.1, '.properties.amount.multipleOf: unknown-property'],
  ['properties.amount.maxLength', 5, '.properties.amount.maxLength: unknown-property'],
  ['properties.count.minimum', 0.5, '.properties.count.minimum: wrong-type'],
  ['properties.count.default', 1.5, '.properties.count.default: impossible-value'],
  ['properties.yes.default', 'true', '.properties.yes.default: wrong-type'],
  ['properties.yes.enum', [true], '.properties.yes.enum: unknown-property'],
  ['properties.list.items', undefined, '.properties.list.items: missing'],
  ['properties.list.items', [text({})], '.properties.list.items: wrong-type'],
  ['properties.list.items', form.properties.list, '.properties.list.items.type: unknown-type'],
  ['properties.list.items', nothing, '.properties.list.items.type: unknown-type'],
  ['properties.list.items', text({ default: 'x' }), '.properties.list.items.default: unknown-property'],
  ['properties.list.items.maxLength', undefined, '.properties.list.items.maxLength: missing'],
  ['properties.list.maxItems', undefined, '.properties.list.maxItems: missing'],
  ['properties.list.maxItems', 101, '.properties.list.maxItems: out-of-range'],
  ['properties.list.minItems', 6, '.properties.list.minItems: contradictory'],
  ['properties.list.uniqueItems', true, '.properties.list.uniqueItems: unknown-property'],
  ['properties.list.default', ['a'], '.properties.list.default: unknown-property'],
  ['properties.group.properties', undefined, '.properties.group.properties: missing'],
  ['properties.group.default', {}, '.properties.group.default: unknown-property'],
  ['properties.group.required', ['outer'], '.properties.group.required.0: unknown-field'],
  ['properties.group.properties.deeper', nothing, '.properties.group.properties.deeper.type: unknown-type'],
  ['properties.group.properties.inner.type', 'int', '.properties.group.properties.inner.type: unknown-type'],
  [
    'properties.group.properties.many.maxItems',
    0,
    '.properties.group.properties.many.maxItems: out-of-range',
  ],
];

t.test('what may not describe a form is refused, by place and rule', async (t) => {
  for (const [place, value, refusal] of bad) {
    t.equal(
      refused(changed(form, place, value)),
      `steps.answer.form${refusal}`,
      `${place} ${JSON.stringify(value)}`,
    );
  }
});
