import { processPageSize } from '@vestibule/shared/contracts/process';
import { Inbox, TaskOrInstance } from './answer-schemas.ts';
import { exampleInstance, exampleTask } from './examples.ts';
import { asked, callerRefusals, described } from './operation.ts';
import { good, list } from './present.ts';
import { Pages, TaskAction } from './schemas.ts';

const { status: _status, modified_at: _modifiedAt, tasks: _tasks, ...asInbox } = exampleInstance;

/** The operations on tasks. */
export const taskOperations = {
  list: asked({
    access: 'audited-account',
    summary: "A page of what one has claimed, then of what one's role may claim; the earliest due first",
    address: { querystring: Pages },
    answer: Inbox,
    good: good(list(1, processPageSize, 1, [{ ...exampleTask, instance: asInbox }])),
    refusals: callerRefusals,
  }),
  change: described({
    access: 'audited-account',
    summary:
      '`claim`, `release`, `assign` (administrators) and `comment` answer the task; `complete`, with its form, the instance',
    body: TaskAction,
    example: { action: 'claim', id: '7' },
    answer: TaskOrInstance,
    good: good(exampleTask),
    refusals: [...callerRefusals, 'json-invalid', 'task-unknown', 'task-taken', 'task-finished'],
  }),
};
