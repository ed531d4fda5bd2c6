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

/** Letters of a field or a value that a label shows, and conditions that it lists. */
const longestPart = 24;
const mostConditions = 3;

const shortened = (text: string): string => {
  const letters = [...text];
  return letters.length <= longestPart ? text : `${letters.slice(0, longestPart - 1).join('')}…`;
};

function labelOf({ form }: TaskStep, { when }: Branch): string {
  if (when === undefined) return '';
  const field = formFieldOf(form, when.field)?.title ?? when.field;
  return `${shortened(field)} = ${shortened(String(when.equals))}`;
}

/** A way that is taken in any case needs no conditions. */
function joined(conditions: readonly string[]): string {
  if (conditions.includes('')) return '';
  const more = conditions.length > mostConditions ? ['…'] : [];
  return [...conditions.slice(0, mostConditions), ...more].join(' · ');
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
    label: joined(all),
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
