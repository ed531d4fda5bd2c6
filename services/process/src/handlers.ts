import type { Handlers } from '@vestibule/shared/bus/bus';
import type { processContracts } from '@vestibule/shared/contracts/process';
import type { Definitions } from './definitions.ts';
import type { Diagrams } from './diagrams.ts';
import type { Instances } from './instances.ts';
import type { Overviews } from './overviews.ts';
import type { Tasks } from './tasks.ts';

/** Which rule answers which contract. */
export function createHandlers({
  definitions,
  diagrams,
  instances,
  overviews,
  tasks,
}: {
  definitions: Definitions;
  diagrams: Diagrams;
  instances: Instances;
  overviews: Overviews;
  tasks: Tasks;
}): Handlers<typeof processContracts> {
  return {
    definitions: async () => ({ definitions: await definitions.views() }),
    deploy: definitions.deploy,
    diagram: diagrams.diagram,
    start: instances.start,
    requestClosing: instances.requestClosing,
    cancel: instances.cancel,
    list: overviews.list,
    get: overviews.get,
    export: overviews.export,
    inbox: overviews.inbox,
    claim: tasks.claim,
    release: tasks.release,
    complete: tasks.complete,
    assign: tasks.assign,
    comment: tasks.comment,
  };
}
