import type { Branch, Definition, Step, TaskStep } from '../definition.ts';
import { targetsOf } from '../definition-graph.ts';
import { formFieldOf } from '../form-fields.ts';

/** A node of a diagram; `start` is the definition itself. */
type FlowNode = { id: string; kind: 'start' | Step['kind']; title: string };
/** `label`: by what the branch is taken; `""`: it is taken in any case. */
type FlowEdge = { from: string; to: string; label: string };
export type Flow = { nodes: FlowNode[]; edges: FlowEdge[] };

/** No name of a step, which has letters, digits and underlines alone, is another's id, nor the start's, nor a keyword. */
export const idOf = (step: string): string => `step_${step}`;

function labelOf({ form }: TaskStep, { when }: Branch): string {
  if (when === undefined) return '';
  return `${formFieldOf(form, when.field)?.title ?? when.field} = ${when.equals}`;
}

/** One edge to each step that comes next, however many branches lead there. */
function edgesOf(name: string, step: Step): FlowEdge[] {
  const labels = new Map<string, string[]>();
  for (const { to } of targetsOf(step)) labels.set(to, []);
  if (step.kind === 'task') {
    for (const branch of step.next) labels.get(branch.to)?.push(labelOf(step, branch));
  }
  return [...labels].map(([to, all]) => ({
    from: idOf(name),
    to: idOf(to),
    label: all.includes('') ? '' : all.join(' / '),
  }));
}

/** What both kinds of diagrams show of a definition, in its own order. */
export function flowOf({ title, first, steps }: Definition): Flow {
  const all = Object.entries(steps);
  return {
    nodes: [
      { id: 'start', kind: 'start', title },
      ...all.map(([name, step]) => ({ id: idOf(name), kind: step.kind, title: step.title })),
    ],
    edges: [
      { from: 'start', to: idOf(first), label: '' },
      ...all.flatMap(([name, step]) => edgesOf(name, step)),
    ],
  };
}
