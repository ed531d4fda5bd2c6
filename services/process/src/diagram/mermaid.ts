import type { Definition } from '../definition.ts';
import { type Flow, flowOf, idOf } from './flow.ts';
import { printable } from './text-lines.ts';

/** Whatever Mermaid, its Markdown or HTML could read as more than text. */
const special = /[!-/:;<>?@[-`{-~]/g;

/** Text in quotes, with Mermaid's own character codes: `#34;` is a quote. */
const quoted = (text: string): string =>
  `"${printable(text).replaceAll(special, (character) => `#${character.codePointAt(0)};`)}"`;

const shapes: Record<Flow['nodes'][number]['kind'], (text: string) => string> = {
  start: (text) => `([${text}])`,
  task: (text) => `[${text}]`,
  action: (text) => `[[${text}]]`,
  end: (text) => `([${text}])`,
};

/** A definition as a Mermaid flowchart, in which the steps that an instance is at stand out. */
export function mermaidOf(definition: Definition, activeSteps: readonly string[]): string {
  const { nodes, edges } = flowOf(definition);
  const active = activeSteps.filter((name) => Object.hasOwn(definition.steps, name)).map(idOf);
  return [
    'flowchart TD',
    ...nodes.map(({ id, kind, title }) => `  ${id}${shapes[kind](quoted(title))}`),
    ...edges.map(({ from, to, label }) => `  ${from} -->${label === '' ? '' : `|${quoted(label)}|`} ${to}`),
    ...(active.length === 0
      ? []
      : [
          '  classDef active fill:#fde68a,stroke:#b45309,stroke-width:3px',
          `  class ${active.join(',')} active`,
        ]),
    '',
  ].join('\n');
}
