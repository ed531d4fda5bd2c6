import { JsonObject } from '@vestibule/shared/contracts/json';
import { Type, TypeCompiler } from '@vestibule/shared/schema';
import { isStorableJson } from '@vestibule/shared/storable-json';
import { ActionStep, Definition, EndStep, StepName, TaskStep } from './definition.ts';
import { ofKind, ofShape, refuse, within } from './definition-fault.ts';
import { checkFormSchema } from './form-schema-rules.ts';

const mostSteps = 50;
const mostBytes = 64 * 1024;

const closed = { additionalProperties: false };
const someObject = TypeCompiler.Compile(JsonObject);
const stepName = TypeCompiler.Compile(StepName);
/** Each step is looked at by its own kind, so that its fault is named at its own place. */
const outline = TypeCompiler.Compile(Type.Object({ ...Definition.properties, steps: JsonObject }, closed));
const whole = TypeCompiler.Compile(Definition);
const taskStep = TypeCompiler.Compile(TaskStep);
const actionStep = TypeCompiler.Compile(ActionStep);
const endStep = TypeCompiler.Compile(EndStep);

const kinds = new Map<unknown, (step: JsonObject, where: string) => void>([
  ['task', (step, where) => checkFormSchema(ofShape(taskStep, step, where).form, within(where, 'form'))],
  ['action', (step, where) => ofShape(actionStep, step, where)],
  ['end', (step, where) => ofShape(endStep, step, where)],
]);

/** JSON that has the shape of a definition, with its forms; else `definition-invalid` that names place and rule. */
export function definitionOf(body: JsonObject): Definition {
  if (!isStorableJson(body, Number.POSITIVE_INFINITY)) refuse('definition', 'unstorable');
  if (!isStorableJson(body, mostBytes)) refuse('definition', 'too-large');
  const { form, steps } = ofShape(outline, body, '');
  checkFormSchema(form, 'form');
  const named = Object.entries(steps);
  if (named.length > mostSteps) refuse('steps', 'too-many');
  for (const [name, step] of named) {
    const where = within('steps', name);
    if (!stepName.Check(name)) refuse(where, 'malformed');
    const object = ofShape(someObject, step, where);
    ofKind(kinds, 'kind', object, where)(object, where);
  }
  return ofShape(whole, body, '');
}
