import { historyPageSize, processContracts, processPageSize } from '@vestibule/shared/contracts/process';
import { AppError } from '@vestibule/shared/errors';
import type { FastifyRequest } from 'fastify';
import type { DialectDependencies, DialectScope } from '../dialect.ts';
import { action } from './actions.ts';
import { instanceOperations as operations } from './instance-operations.ts';
import { readObject } from './json-field.ts';
import { sendDiagram } from './picture.ts';
import { good, list, type Views } from './present.ts';
import { Cancellation, Creation } from './schemas.ts';

/** The client's own key of a request, by which a repeat is known. */
function idempotencyKeyOf({ headers }: Pick<FastifyRequest, 'headers'>): { idempotencyKey?: string } {
  const given = headers['idempotency-key'];
  if (given === undefined) return {};
  if (typeof given !== 'string' || !/^[!-~]{1,128}$/.test(given)) {
    throw new AppError('input-invalid', { field: 'Idempotency-Key' });
  }
  return { idempotencyKey: given };
}

/** Instances: the document's create, and cancel, list, one with its history, its picture. */
export function instanceRoutes(
  app: DialectScope,
  { bus, views }: Pick<DialectDependencies, 'bus'> & { views: Views },
): void {
  const actions = {
    create: action(Creation, async ({ process_name: processName, form }, request) =>
      views.instance(
        await bus.call(
          processContracts.start,
          { processName, form: readObject('form', form), ...idempotencyKeyOf(request) },
          request.callContext,
        ),
      ),
    ),
    cancel: action(Cancellation, async ({ id }, { callContext }) =>
      views.instance(await bus.call(processContracts.cancel, { id: Number(id) }, callContext)),
    ),
  };

  app.post('/api/process/instance', operations.change, async (request) =>
    good(await actions[request.body.action](request)),
  );

  app.get('/api/process/instance', operations.list, async ({ query, callContext }) => {
    const page = Number(query.page || 1);
    const { total, instances } = await bus.call(
      processContracts.list,
      {
        // Missing or empty is no limit.
        ...(query.process_name ? { processName: query.process_name } : {}),
        ...(query.status ? { status: query.status } : {}),
        page,
      },
      callContext,
    );
    return good(list(page, processPageSize, total, instances.map(views.instance)));
  });

  app.get('/api/process/instance/:id', operations.get, async ({ params, query, callContext }) => {
    const historyPage = Number(query.history_page || 1);
    const { instance, history } = await bus.call(
      processContracts.get,
      { id: Number(params.id), historyPage },
      callContext,
    );
    const entries = history.entries.map(views.history);
    return good({
      ...views.instance(instance),
      history: list(historyPage, historyPageSize, history.total, entries),
    });
  });

  app.get(
    '/api/process/instance/:id/diagram',
    operations.diagram,
    async ({ params, query, callContext }, reply) =>
      sendDiagram(
        reply,
        await bus.call(processContracts.diagram, { instanceId: Number(params.id) }, callContext),
        query.format,
      ),
  );
}
