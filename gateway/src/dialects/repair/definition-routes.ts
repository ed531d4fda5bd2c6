import { processContracts, processPageSize } from '@vestibule/shared/contracts/process';
import type { DialectDependencies, DialectScope } from '../dialect.ts';
import { definitionOperations as operations } from './definition-operations.ts';
import { readObject } from './json-field.ts';
import { sendDiagram } from './picture.ts';
import { definition, good, list } from './present.ts';

/** What processes there are, what they look like, and new ones. */
export function definitionRoutes(app: DialectScope, { bus }: Pick<DialectDependencies, 'bus'>): void {
  app.get('/api/process/definition', operations.list, async ({ query, callContext }) => {
    const page = Number(query.page || 1);
    const { definitions } = await bus.call(processContracts.definitions, {}, callContext);
    const shown = definitions.slice((page - 1) * processPageSize, page * processPageSize);
    return good(list(page, processPageSize, definitions.length, shown.map(definition)));
  });

  app.post('/api/process/definition', operations.deploy, async ({ body, callContext }) => {
    const asked = { definition: readObject('definition', body.definition) };
    const { name, version } = await bus.call(processContracts.deploy, asked, callContext);
    return good({ name, version });
  });

  app.get(
    '/api/process/definition/:name/diagram',
    operations.diagram,
    async ({ params, query, callContext }, reply) => {
      const version = query.version ? { version: Number(query.version) } : {};
      const diagram = await bus.call(
        processContracts.diagram,
        { processName: params.name, ...version },
        callContext,
      );
      return sendDiagram(reply, diagram, query.format);
    },
  );
}
