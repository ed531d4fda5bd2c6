import { processContracts, processPageSize } from '@vestibule/shared/contracts/process';
import { AppError, codeOf } from '@vestibule/shared/errors';
import type { DialectDependencies, DialectScope } from '../dialect.ts';
import { action } from './actions.ts';
import { readObject } from './json-field.ts';
import { good, list, type Views } from './present.ts';
import { Assignment, Comment, Completion, TaskById } from './schemas.ts';
import { taskOperations as operations } from './task-operations.ts';

/** Tasks: the inbox, and what people do with them. */
export function taskRoutes(
  app: DialectScope,
  { bus, views }: Pick<DialectDependencies, 'bus'> & { views: Views },
): void {
  const actions = {
    claim: action(TaskById, async ({ id }, { callContext }) =>
      views.task(await bus.call(processContracts.claim, { id: Number(id) }, callContext)),
    ),
    release: action(TaskById, async ({ id }, { callContext }) =>
      views.task(await bus.call(processContracts.release, { id: Number(id) }, callContext)),
    ),
    complete: action(Completion, async ({ id, form }, { callContext }) => {
      const asked = { id: Number(id), form: readObject('form', form) };
      return views.instance(await bus.call(processContracts.complete, asked, callContext));
    }),
    assign: action(Assignment, async ({ id, assignee }, { callContext }) => {
      const asked = { id: Number(id), assignee: Number(assignee) };
      return views.task(
        await bus.call(processContracts.assign, asked, callContext).catch((error: unknown) => {
          // "Not registered" would send the admin's client to register.
          throw codeOf(error) === 'account-unknown'
            ? new AppError('input-invalid', { field: 'assignee' })
            : error;
        }),
      );
    }),
    comment: action(Comment, async ({ id, text }, { callContext }) =>
      views.task(await bus.call(processContracts.comment, { id: Number(id), text }, callContext)),
    ),
  };

  app.get('/api/process/task', operations.list, async ({ query, callContext }) => {
    const page = Number(query.page || 1);
    const { total, tasks } = await bus.call(processContracts.inbox, { page }, callContext);
    return good(list(page, processPageSize, total, tasks.map(views.inboxTask)));
  });

  app.post('/api/process/task', operations.change, async (request) =>
    good(await actions[request.body.action](request)),
  );
}
