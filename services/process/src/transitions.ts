import type { JsonObject } from '@vestibule/shared/contracts/json';
import type { Branch, Definition, Step, TaskStep } from './definition.ts';

/** The step of that name; a definition that was loaded has it. */
export function stepOf(definition: Definition, name: string): Step {
  const step = definition.steps[name];
  if (step === undefined) throw new Error(`${definition.name} has no step ${name}`);
  return step;
}

/** The same where it must be a task's. */
export function taskStepOf(definition: Definition, name: string): TaskStep {
  const step = stepOf(definition, name);
  if (step.kind !== 'task') throw new Error(`the step ${name} of ${definition.name} is no task`);
  return step;
}

/** Where it goes on from a task that is completed with this form. */
export function branchOf(step: TaskStep, form: JsonObject): Branch {
  const branch = step.next.find(({ when }) => when === undefined || form[when.field] === when.equals);
  if (branch === undefined) throw new Error(`no branch of the task ${step.title} fits its form`);
  return branch;
}

/** Milliseconds of a Duration of the definition: `P1DT2H`. */
function durationMs(text: string): number {
  const [, days, hours, minutes, seconds] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text) ?? [];
  const [d, h, m, s] = [days, hours, minutes, seconds].map((part) => Number(part ?? 0));
  return ((((d ?? 0) * 24 + (h ?? 0)) * 60 + (m ?? 0)) * 60 + (s ?? 0)) * 1000;
}

function dueMs({ due }: TaskStep, startForm: JsonObject, openedAt: Date): number | null {
  const given = due?.field === undefined ? undefined : startForm[due.field];
  const asked = typeof given === 'string' ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(asked)) return asked;
  return due?.after === undefined ? null : openedAt.getTime() + durationMs(due.after);
}

/** When a task that is opened now is due, and when its people are reminded; null: never. */
export function timesOf(
  step: TaskStep,
  startForm: JsonObject,
  openedAt: Date,
): { dueAt: Date | null; remindAt: Date | null } {
  const due = dueMs(step, startForm, openedAt);
  if (due === null) return { dueAt: null, remindAt: null };
  const remind = step.remindBefore === undefined ? null : due - durationMs(step.remindBefore);
  return { dueAt: new Date(due), remindAt: remind === null ? null : new Date(remind) };
}
