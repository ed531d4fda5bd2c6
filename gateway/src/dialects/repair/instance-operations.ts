import { historyPageSize, processPageSize } from '@vestibule/shared/contracts/process';
import { Diagram, Instance, InstanceInFull, Instances } from './answer-schemas.ts';
import { exampleDiagram, exampleForm, exampleHistory, exampleInstance } from './examples.ts';
import { asked, callerRefusals, described } from './operation.ts';
import { withPicture } from './picture.ts';
import { good, list } from './present.ts';
import { HistoryPage, InstanceAction, InstanceById, InstanceFilter, Picture } from './schemas.ts';

/** The operations on instances: the document's own, and what it takes to see and to end them. */
export const instanceOperations = {
  change: described({
    access: 'audited-account',
    summary:
      '`create`: starts a process; with `Idempotency-Key` the same request within a day is answered again; `cancel`: ends an instance',
    body: InstanceAction,
    example: { action: 'create', process_name: 'repair_apply', form: exampleForm },
    answer: Instance,
    good: good(exampleInstance),
    refusals: [
      ...callerRefusals,
      'json-invalid',
      'process-unknown',
      'process-running',
      'idempotency-conflict',
      'instance-unknown',
      'instance-claimed',
      'instance-finished',
    ],
  }),
  list: asked({
    access: 'audited-account',
    summary: "A page of one's own instances, newest first; for administrators of all",
    address: { querystring: InstanceFilter },
    answer: Instances,
    good: good(list(1, processPageSize, 1, [exampleInstance])),
    refusals: callerRefusals,
  }),
  get: asked({
    access: 'audited-account',
    summary:
      'An instance with a page of its history, 1 being the newest; for its applicant, who has or had a task of it, and administrators',
    address: { params: InstanceById, querystring: HistoryPage },
    answer: InstanceInFull,
    good: good({ ...exampleInstance, history: list(1, historyPageSize, 1, exampleHistory) }),
    refusals: [...callerRefusals, 'instance-unknown'],
  }),
  diagram: withPicture(
    asked({
      access: 'audited-account',
      summary: 'The picture of an instance with the steps that it is at; for whoever may see it',
      address: { params: InstanceById, querystring: Picture },
      answer: Diagram,
      good: good(exampleDiagram),
      refusals: [...callerRefusals, 'instance-unknown'],
    }),
  ),
};
