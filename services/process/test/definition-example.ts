import type { JsonObject } from '@vestibule/shared/contracts/json';

/** A definition of every kind of step, that keeps all rules. */
export const example = (): JsonObject => ({
  name: 'leave',
  title: '请假',
  form: {
    type: 'object',
    required: ['from'],
    properties: {
      from: { type: 'string', format: 'date-time' },
      days: { type: 'integer', minimum: 1, maximum: 30 },
      reason: { type: 'string', maxLength: 200 },
    },
  },
  start: { by: 'platform', once: true },
  settledBy: 'account-audited',
  first: 'check',
  steps: {
    check: {
      kind: 'task',
      title: '审核',
      form: {
        type: 'object',
        required: ['result'],
        properties: {
          result: { type: 'string', enum: ['yes', 'no', 'ask'] },
          urgent: { type: 'boolean' },
          comment: { type: 'string', maxLength: 100 },
        },
      },
      candidateRole: 'admin',
      due: { field: 'from', after: 'P1D' },
      remindBefore: 'PT1H',
      next: [
        { when: { field: 'result', equals: 'yes' }, to: 'audit' },
        { when: { field: 'result', equals: 'no' }, to: 'refused' },
        { to: 'answer' },
      ],
    },
    answer: {
      kind: 'task',
      title: '补充',
      form: { type: 'object', properties: { text: { type: 'string', maxLength: 500 } } },
      assignee: 'applicant',
      next: [{ to: 'check', assign: 'last-worker' }],
    },
    audit: { kind: 'action', title: '启用', action: 'audit-account', to: 'done' },
    done: { kind: 'end', title: '完成', outcome: 'granted' },
    refused: { kind: 'end', title: '拒绝', outcome: 'refused' },
  },
});

/** A copy in which something stands at a place (`steps.check.title`), or nothing does where it is undefined. */
export function changed(definition: JsonObject, place: string, value: unknown): JsonObject {
  const copy = structuredClone(definition);
  const names = place.split('.');
  const last = names.pop() ?? '';
  let part: unknown = copy;
  for (const name of names) part = Object(part)[name];
  if (value === undefined) delete Object(part)[last];
  else Object.defineProperty(part, last, { value, enumerable: true, writable: true, configurable: true });
  return copy;
}
