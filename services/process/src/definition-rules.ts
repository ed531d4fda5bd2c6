import type { JsonObject } from '@vestibule/shared/contracts/json';
import type { Definition, Step, TaskStep } from './definition.ts';
import { refuse } from './definition-fault.ts';
import { graphOf, targetsOf } from './definition-graph.ts';
import { definitionOf } from './definition-shape.ts';
import { formSchemaOf } from './form.ts';
import { formFieldOf } from './form-fields.ts';

type Rule = (definition: Definition) => void;

/** A rule on each step of one kind. */
const onSteps =
  <K extends Step['kind']>(
    kind: K,
    check: (step: Extract<Step, { kind: K }>, where: string, name: string, definition: Definition) => void,
  ): Rule =>
  (definition) => {
    for (const [name, step] of Object.entries(definition.steps)) {
      if (isOfKind(step, kind)) check(step, `steps.${name}`, name, definition);
    }
  };

function isOfKind<K extends Step['kind']>(step: Step, kind: K): step is Extract<Step, { kind: K }> {
  return step.kind === kind;
}

const stepsAreKnown: Rule = ({ first, steps }) => {
  if (!Object.hasOwn(steps, first)) refuse('first', 'unknown-step');
  for (const [name, step] of Object.entries(steps)) {
    for (const { to, place } of targetsOf(step)) {
      if (!Object.hasOwn(steps, to)) refuse(`steps.${name}.${place}`, 'unknown-step');
    }
  }
};

/** Who lays out a diagram of more would keep everybody else waiting. */
const mostWays = 100;

const waysAreFew: Rule = ({ steps }) => {
  const ways = Object.values(steps).map((step) => new Set(targetsOf(step).map(({ to }) => to)).size);
  if (ways.reduce((sum, some) => sum + some, 0) > mostWays) refuse('steps', 'too-many-ways');
};

const somethingIsDone: Rule = ({ first, steps }) => {
  if (steps[first]?.kind === 'end') refuse('first', 'nothing-to-do');
};

const stepsHangTogether: Rule = (definition) => {
  const graph = graphOf(definition);
  for (const [name, step] of Object.entries(definition.steps)) {
    const where = `steps.${name}`;
    if (!graph.isReached(name)) refuse(where, 'unreachable');
    if (step.kind === 'action' && graph.runsInCircles(name)) refuse(`${where}.to`, 'endless');
    if (!graph.canEnd(name)) refuse(where, 'no-way-out');
  }
};

const tasksHaveSomebody: Rule = onSteps('task', ({ candidateRole, assignee }, where) => {
  if (candidateRole === undefined && assignee === undefined) refuse(`${where}.candidateRole`, 'nobody');
});

const isNothing = (duration: string | undefined): boolean =>
  duration !== undefined && !/[1-9]/.test(duration);

const tasksAreDueSometime: Rule = onSteps('task', ({ due, remindBefore }, where, _name, { form }) => {
  if (remindBefore !== undefined && due === undefined) refuse(`${where}.remindBefore`, 'without-due');
  if (isNothing(remindBefore)) refuse(`${where}.remindBefore`, 'no-time');
  if (due === undefined) return;
  if (due.field === undefined && due.after === undefined) refuse(`${where}.due`, 'missing');
  if (isNothing(due.after)) refuse(`${where}.due.after`, 'no-time');
  if (due.field === undefined) return;
  const field = formFieldOf(form, due.field);
  if (field === undefined) refuse(`${where}.due.field`, 'unknown-field');
  else if (!field.isInstant) refuse(`${where}.due.field`, 'no-date-time');
});

/** Each branch can be taken, and one of them always is. */
const branchesAreWhole: Rule = onSteps('task', ({ form, next }, where) => {
  const left = new Map<string, Set<unknown>>();
  let covered = false;
  for (const [index, { when }] of next.entries()) {
    const place = `${where}.next.${index}`;
    if (covered) refuse(place, 'never-taken');
    if (when === undefined) {
      covered = true;
      continue;
    }
    const field = formFieldOf(form, when.field);
    if (field === undefined) return refuse(`${place}.when.field`, 'unknown-field');
    if (field.values === undefined) return refuse(`${place}.when.field`, 'undecidable');
    if (!field.values.includes(when.equals)) refuse(`${place}.when.equals`, 'impossible-value');
    const values = left.get(when.field) ?? new Set<unknown>(field.values);
    left.set(when.field, values);
    if (!values.delete(when.equals)) refuse(place, 'never-taken');
    covered = values.size === 0 && field.isAlwaysThere;
  }
  if (!covered) refuse(`${where}.next`, 'not-covered');
});

const workersWereThere: Rule = (definition) => {
  const graph = graphOf(definition);
  const check = (step: TaskStep, name: string) => {
    for (const [index, { to, assign }] of step.next.entries()) {
      const place = `steps.${name}.next.${index}.assign`;
      if (assign === undefined) continue;
      if (definition.steps[to]?.kind !== 'task') refuse(place, 'no-task');
      if (to !== name && !graph.leads(to, name)) refuse(place, 'no-worker');
    }
  };
  onSteps('task', (step, _where, name) => check(step, name))(definition);
};

/** What somebody starts for himself must not change his account, nor depend on what happens to it. */
const accountsAreThePlatforms: Rule = ({ start, settledBy, steps }) => {
  if (start.by === 'platform') return;
  if (start.on !== undefined) refuse('start.on', 'platform-only');
  if (settledBy !== undefined) refuse('settledBy', 'platform-only');
  for (const [name, step] of Object.entries(steps)) {
    if (step.kind === 'action') refuse(`steps.${name}.action`, 'platform-only');
  }
};

/** What starts by itself starts with an empty form. */
const startsByItself: Rule = ({ start, form }) => {
  if (start.on === undefined) return;
  const { required = [] } = formSchemaOf(form);
  for (const [index, name] of required.entries()) {
    if (formFieldOf(form, name)?.hasDefault !== true) refuse(`form.required.${index}`, 'filled-by-nobody');
  }
};

/** In this order: a later one relies on those before. */
const rules: readonly Rule[] = [
  stepsAreKnown,
  waysAreFew,
  somethingIsDone,
  stepsHangTogether,
  tasksHaveSomebody,
  tasksAreDueSometime,
  branchesAreWhole,
  workersWereThere,
  accountsAreThePlatforms,
  startsByItself,
];

/** A definition of which every instance can be started and finished; else `definition-invalid`: place and rule. */
export function checkDefinition(body: JsonObject): Definition {
  const definition = definitionOf(body);
  for (const rule of rules) rule(definition);
  return definition;
}
