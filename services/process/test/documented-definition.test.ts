import { readFileSync } from 'node:fs';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import t from 'tap';
import { ActionStep, Definition, EndStep, TaskStep } from '../src/definition.ts';
import { checkDefinition } from '../src/definition-rules.ts';
import { BooleanField, FormSchema, ListField, NumberField, TextField } from '../src/form-schema.ts';

const text = readFileSync(new URL('../../../docs/definitions.md', import.meta.url), 'utf8');

t.test('the documented example keeps all rules', async (t) => {
  const [, example = ''] = /```json\n(.*?)```/s.exec(text) ?? [];
  const body: JsonObject = JSON.parse(example);
  t.equal(checkDefinition(body).name, 'key_loan');
});

t.test('every property of a definition, a step and a field is documented', async (t) => {
  const schemas = [
    Definition,
    TaskStep,
    ActionStep,
    EndStep,
    FormSchema,
    TextField,
    NumberField,
    BooleanField,
  ];
  const names = [...schemas, ListField].flatMap(({ properties }) => Object.keys(properties));
  const parts = ['start.by', 'start.on', 'start.once', 'due.field', 'due.after', 'when', 'to', 'assign'];
  for (const name of [...names, ...parts].filter((each) => each !== 'start' && each !== 'due')) {
    t.match(text, new RegExp(`\`(?:kind: |assign: )?${name}(?:\`|: )`), name);
  }
});
