import type { CallContext } from '@vestibule/shared/call-context';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { processContracts } from '@vestibule/shared/contracts/process';
import { AppError } from '@vestibule/shared/errors';
import type { Definition } from './definition.ts';
import type { Definitions } from './definitions.ts';
import { mermaidOf } from './diagram/mermaid.ts';
import { svgOf } from './diagram/svg.ts';
import type { Overviews } from './overviews.ts';
import type { Presenter } from './presenter.ts';
import type { ViewsRepository } from './views-repository.ts';

type Diagram = (typeof processContracts)['diagram'];

const drawn = (definition: Definition, activeSteps: readonly string[]): ReplyOf<Diagram> => ({
  mermaid: mermaidOf(definition, activeSteps),
  svg: svgOf(definition, activeSteps),
});

/** Pictures of definitions, for everybody, and of instances, for who may see these. */
export function createDiagrams({
  repository,
  definitions,
  overviews,
  presenter,
}: {
  repository: Pick<ViewsRepository, 'pendingActions'>;
  definitions: Pick<Definitions, 'newest' | 'version'>;
  overviews: Pick<Overviews, 'visible'>;
  presenter: Pick<Presenter, 'definitionOf'>;
}) {
  async function ofInstance(id: number, context: CallContext): Promise<ReplyOf<Diagram>> {
    const { instance, tasks } = await overviews.visible(id, context);
    const unfinished = tasks.filter(({ status }) => status === 'open' || status === 'claimed');
    const activeSteps = [...unfinished.map(({ step }) => step), ...(await repository.pendingActions(id))];
    return drawn(await presenter.definitionOf(instance), activeSteps);
  }

  async function newestOf(name: string): Promise<Definition> {
    const newest = await definitions.newest(name);
    if (newest === null) throw new AppError('process-unknown');
    return newest.definition;
  }

  return {
    async diagram(input: RequestOf<Diagram>, context: CallContext): Promise<ReplyOf<Diagram>> {
      if ('instanceId' in input) return ofInstance(input.instanceId, context);
      const { processName, version } = input;
      return drawn(
        await (version === undefined ? newestOf(processName) : definitions.version(processName, version)),
        [],
      );
    },
  };
}
export type Diagrams = ReturnType<typeof createDiagrams>;
