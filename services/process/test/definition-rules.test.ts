import type { JsonObject } from '@vestibule/shared/contracts/json';
import { AppError } from '@vestibule/shared/errors';
import t from 'tap';
import { checkDefinition } from '../src/definition-rules.ts';
import { changed, example } from './definition-example.ts';

/** The place and the rule that a definition is refused for. */
function refused(definition: JsonObject): string {
  try {
    checkDefinition(definition);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'definition-invalid') throw error;
    return `${error.details.field}: ${error.details.rule}`;
  }
}

/** What stands at a place instead, and what that is refused for. */
type Bad = readonly [place: string, value: unknown, refusal: string];

const refuses = (name: string, all: readonly Bad[]) =>
  t.test(`${name}, by place and rule`, async (t) => {
    for (const [place, value, refusal] of all) {
      t.equal(
        refused(changed(example(), place, value)),
        refusal,
        `${place} ${JSON.stringify(value)?.slice(0, 60)}`,
      );
    }
  });

t.test('a definition that keeps all rules is accepted as it is', async (t) => {
  t.strictSame(checkDefinition(example()), example());
});

const task = (to: string) => ({
  kind: 'task',
  title: 't',
  form: { type: 'object', properties: {} },
  candidateRole: 'repair',
  next: [{ to }],
});
const choose = (field: string, equals: unknown, to: string) => ({ when: { field, equals }, to });
const steps = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `s${index}`,
      index + 1 < count ? task(`s${index + 1}`) : { kind: 'end', title: 'e', outcome: 'e' },
    ]),
  );
/** Every step leads to the next, and to as many others as it may. */
const tangle = Object.fromEntries(
  Object.entries(steps(40)).map(([name, step], index) => [
    name,
    step.kind === 'end'
      ? step
      : {
          ...step,
          form: {
            type: 'object',
            required: ['r'],
            properties: { r: { type: 'string', enum: ['0', '1', '2'] } },
          },
          next: [
            choose('r', '0', `s${index + 1}`),
            choose('r', '1', `s${(index * 7 + 3) % 39}`),
            choose('r', '2', `s${(index * 5 + 11) % 39}`),
          ],
        },
  ]),
);

refuses('the outline of a definition is checked', [
  ['name', undefined, 'name: missing'],
  ['name', '', 'name: malformed'],
  ['name', 'Leave', 'name: malformed'],
  ['name', '1leave', 'name: malformed'],
  ['name', 'leave-now', 'name: malformed'],
  ['name', `a${'b'.repeat(64)}`, 'name: malformed'],
  ['name', 'leave\n', 'name: malformed'],
  ['name', 7, 'name: wrong-type'],
  ['title', undefined, 'title: missing'],
  ['title', '', 'title: too-short'],
  ['title', 'x'.repeat(101), 'title: too-long'],
  ['title', null, 'title: wrong-type'],
  ['title', 'a\u0000b', 'definition: unstorable'],
  ['steps.check.title', '\ud800', 'definition: unstorable'],
  ['form.properties.reason.description', '\u0000', 'definition: unstorable'],
  ['x', JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`), 'definition: unstorable'],
  ['x', 'x'.repeat(65_536), 'definition: too-large'],
  ['color', 'red', 'color: unknown-property'],
  ['__proto__', {}, '__proto__: unknown-property'],
  ['constructor', {}, 'constructor: unknown-property'],
  ['form', undefined, 'form: missing'],
  ['form', [], 'form: wrong-type'],
  ['start', undefined, 'start: missing'],
  ['start', 'client', 'start: wrong-type'],
  ['start.by', undefined, 'start.by: missing'],
  ['start.by', 'anybody', 'start.by: unknown-value'],
  ['start.on', 'account-created', 'start.on: unknown-value'],
  ['start.once', 'yes', 'start.once: wrong-type'],
  ['start.twice', true, 'start.twice: unknown-property'],
  ['settledBy', 'account-removed', 'settledBy: unknown-value'],
  ['first', undefined, 'first: missing'],
  ['first', 'Check', 'first: malformed'],
  ['first', 'nowhere', 'first: unknown-step'],
  ['first', 'constructor', 'first: unknown-step'],
  ['first', 'done', 'first: nothing-to-do'],
  ['steps', undefined, 'steps: missing'],
  ['steps', [], 'steps: wrong-type'],
  ['steps', {}, 'first: unknown-step'],
  ['steps', steps(51), 'steps: too-many'],
  ['steps', { ...tangle, check: task('s0') }, 'steps: too-many-ways'],
]);

refuses('each step is checked by its kind', [
  ['steps.Check', task('done'), 'steps.Check: malformed'],
  ['steps.end it', task('done'), 'steps.end it: malformed'],
  ['steps.__proto__', task('done'), 'steps.__proto__: malformed'],
  [`steps.${'x'.repeat(300)}`, {}, `steps.${'x'.repeat(194)}: malformed`],
  ['steps.done', null, 'steps.done: wrong-type'],
  ['steps.done', [], 'steps.done: wrong-type'],
  ['steps.done.kind', undefined, 'steps.done.kind: missing'],
  ['steps.done.kind', 'stop', 'steps.done.kind: unknown-kind'],
  ['steps.done.kind', ['end'], 'steps.done.kind: unknown-kind'],
  ['steps.done.outcome', undefined, 'steps.done.outcome: missing'],
  ['steps.done.outcome', 'All good', 'steps.done.outcome: malformed'],
  ['steps.done.to', 'check', 'steps.done.to: unknown-property'],
  ['steps.audit.action', undefined, 'steps.audit.action: missing'],
  ['steps.audit.action', 'make-admin', 'steps.audit.action: unknown-action'],
  ['steps.audit.to', undefined, 'steps.audit.to: missing'],
  ['steps.audit.next', [], 'steps.audit.next: unknown-property'],
  ['steps.check.title', undefined, 'steps.check.title: missing'],
  ['steps.check.form', undefined, 'steps.check.form: missing'],
  ['steps.check.candidateRole', 'boss', 'steps.check.candidateRole: unknown-role'],
  ['steps.check.candidateRole', null, 'steps.check.candidateRole: unknown-role'],
  ['steps.check.candidaterole', 'admin', 'steps.check.candidaterole: unknown-property'],
  ['steps.answer.assignee', 'somebody', 'steps.answer.assignee: unknown-value'],
  ['steps.answer.assignee', undefined, 'steps.answer.candidateRole: nobody'],
  ['steps.check.next', undefined, 'steps.check.next: missing'],
  ['steps.check.next', {}, 'steps.check.next: wrong-type'],
  ['steps.check.next', [], 'steps.check.next: too-few'],
  ['steps.check.next', Array.from({ length: 21 }, () => ({ to: 'done' })), 'steps.check.next: too-many'],
  ['steps.check.next.2.to', undefined, 'steps.check.next.2.to: missing'],
  ['steps.check.next.2.goto', 'done', 'steps.check.next.2.goto: unknown-property'],
  ['steps.check.next.0.when', 'result = yes', 'steps.check.next.0.when: wrong-type'],
  ['steps.check.next.0.when.field', undefined, 'steps.check.next.0.when.field: missing'],
  ['steps.check.next.0.when.equals', 1, 'steps.check.next.0.when.equals: unknown-value'],
  ['steps.check.next.0.when.not', 'no', 'steps.check.next.0.when.not: unknown-property'],
]);

refuses('every way leads to a step, every step is reached, and from each there is an end', [
  ['steps.check.next.0.to', 'nowhere', 'steps.check.next.0.to: unknown-step'],
  ['steps.check.next.2.to', 'toString', 'steps.check.next.2.to: malformed'],
  ['steps.check.next.2.to', 'constructor', 'steps.check.next.2.to: unknown-step'],
  ['steps.audit.to', 'nowhere', 'steps.audit.to: unknown-step'],
  ['steps.done', undefined, 'steps.audit.to: unknown-step'],
  ['steps.lonely', task('done'), 'steps.lonely: unreachable'],
  ['steps.check.next.2.to', 'refused', 'steps.answer: unreachable'],
  ['steps.answer.next', [{ to: 'answer' }], 'steps.answer: no-way-out'],
  ['steps.audit.to', 'audit', 'steps.audit.to: endless'],
  [
    'steps',
    {
      check: { kind: 'action', title: 'a', action: 'audit-account', to: 'again' },
      again: { kind: 'action', title: 'a', action: 'audit-account', to: 'check' },
    },
    'steps.check.to: endless',
  ],
  ['steps', { check: task('again'), again: task('check') }, 'steps.check: no-way-out'],
]);

refuses('a task is due and reminded of at a time that there is', [
  ['steps.check.due', {}, 'steps.check.due: missing'],
  ['steps.check.due', 'P1D', 'steps.check.due: wrong-type'],
  ['steps.check.due.before', 'P1D', 'steps.check.due.before: unknown-property'],
  ['steps.check.due.field', 'until', 'steps.check.due.field: unknown-field'],
  ['steps.check.due.field', 'constructor', 'steps.check.due.field: unknown-field'],
  ['steps.check.due.field', 'result', 'steps.check.due.field: unknown-field'],
  ['steps.check.due.field', 'days', 'steps.check.due.field: no-date-time'],
  ['form.properties.from.format', 'date', 'steps.check.due.field: no-date-time'],
  ['steps.check.due.after', '3 days', 'steps.check.due.after: malformed'],
  ['steps.check.due.after', 'P', 'steps.check.due.after: malformed'],
  ['steps.check.due.after', 'P1DT', 'steps.check.due.after: malformed'],
  ['steps.check.due.after', 'P1M', 'steps.check.due.after: malformed'],
  ['steps.check.due.after', 'P99999D', 'steps.check.due.after: malformed'],
  ['steps.check.due.after', 'P-1D', 'steps.check.due.after: malformed'],
  ['steps.check.due.after', 'P0D', 'steps.check.due.after: no-time'],
  ['steps.check.remindBefore', 'PT0H', 'steps.check.remindBefore: no-time'],
  ['steps.check.remindBefore', 4, 'steps.check.remindBefore: wrong-type'],
  ['steps.check.due', undefined, 'steps.check.remindBefore: without-due'],
]);

/** A task without a branch for whatever else is chosen. */
const review = {
  ...task(''),
  form: { type: 'object', required: ['r'], properties: { r: { type: 'string', enum: ['a', 'b', 'c'] } } },
  next: [choose('r', 'a', 'audit'), choose('r', 'b', 'refused'), choose('r', 'c', 'answer')],
};
const agreement = {
  ...review,
  form: { type: 'object', properties: { ok: { type: 'boolean', default: false } } },
  next: [choose('ok', true, 'audit'), choose('ok', false, 'answer')],
};

t.test('all values of a field that is always there need no branch for the rest', async (t) => {
  t.equal(refused(changed(example(), 'steps.check', review)), 'accepted');
  const { refused: _, ...others } = Object(example().steps);
  t.equal(refused({ ...example(), steps: { ...others, check: agreement } }), 'accepted');
});

refuses('one branch is always taken, and each sometimes', [
  ['steps.check.next.0.when.field', 'verdict', 'steps.check.next.0.when.field: unknown-field'],
  ['steps.check.next.0.when.field', 'toString', 'steps.check.next.0.when.field: unknown-field'],
  ['steps.check.next.0.when.field', 'comment', 'steps.check.next.0.when.field: undecidable'],
  ['steps.check.next.0.when.equals', 'maybe', 'steps.check.next.0.when.equals: impossible-value'],
  ['steps.check.next.0.when.equals', true, 'steps.check.next.0.when.equals: impossible-value'],
  [
    'steps.check.next.0.when',
    { field: 'urgent', equals: 'true' },
    'steps.check.next.0.when.equals: impossible-value',
  ],
  ['steps.check.next.1.when.equals', 'yes', 'steps.check.next.1: never-taken'],
  ['steps.check.next.0.when', undefined, 'steps.check.next.1: never-taken'],
  ['steps.check.next.2.when', { field: 'urgent', equals: true }, 'steps.check.next: not-covered'],
  [
    'steps.check.next',
    [
      choose('result', 'yes', 'audit'),
      choose('result', 'no', 'refused'),
      choose('result', 'ask', 'answer'),
      { to: 'done' },
    ],
    'steps.check.next.3: never-taken',
  ],
  ['steps.check', { ...review, form: { ...review.form, required: [] } }, 'steps.check.next: not-covered'],
  ['steps.answer.next.0.assign', 'anybody', 'steps.answer.next.0.assign: unknown-value'],
  ['steps.check.next.1.assign', 'last-worker', 'steps.check.next.1.assign: no-task'],
  ['steps.check.next.0.assign', 'last-worker', 'steps.check.next.0.assign: no-task'],
]);

t.test('a worker is taken over from a task that was done before', async (t) => {
  const onward = changed(example(), 'steps.later', task('done'));
  const refusal = refused(changed(onward, 'steps.answer.next.0', { to: 'later', assign: 'last-worker' }));
  t.equal(refusal, 'steps.answer.next.0.assign: no-worker');
  t.equal(refused(changed(example(), 'steps.check.next.2.assign', 'last-worker')), 'accepted');
});

t.test('what anybody may start neither changes accounts nor hangs on them', async (t) => {
  const clients = changed(example(), 'start', { by: 'client' });
  t.equal(refused(clients), 'settledBy: platform-only');
  t.equal(refused(changed(clients, 'settledBy', undefined)), 'steps.audit.action: platform-only');
  const harmless = changed(changed(clients, 'settledBy', undefined), 'steps.audit', task('done'));
  t.equal(refused(harmless), 'accepted');
  t.equal(refused(changed(harmless, 'start.on', 'account-pending')), 'start.on: platform-only');
});

t.test('what starts by itself asks for nothing', async (t) => {
  const started = changed(example(), 'start.on', 'account-pending');
  t.equal(refused(started), 'form.required.0: filled-by-nobody');
  t.equal(refused(changed(started, 'form.required', [])), 'accepted');
  const filled = changed(started, 'form.properties.from.default', '2026-11-21T10:00:00Z');
  t.equal(refused(filled), 'accepted');
});
