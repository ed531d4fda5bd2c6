import type { Definition } from '../definition.ts';
import { type Flow, flowOf, idOf } from './flow.ts';
import { layOut, type Picture } from './layout.ts';
import { fontSize, lineHeight, printable } from './text-lines.ts';

const ink = '#1f2937';
const line = '#64748b';
const active = { fill: '#fde68a', stroke: '#b45309', strokeWidth: 3 };
const looks: Record<Flow['nodes'][number]['kind'], { fill: string; stroke: string; round: number }> = {
  start: { fill: '#e0f2fe', stroke: '#0369a1', round: 22 },
  task: { fill: '#ffffff', stroke: '#334155', round: 6 },
  action: { fill: '#ede9fe', stroke: '#6d28d9', round: 0 },
  end: { fill: '#dcfce7', stroke: '#15803d', round: 22 },
};

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? '');
const round = (value: number): number => Math.round(value * 10) / 10;
const at = ({ x, y }: { x: number; y: number }): string => `${round(x)} ${round(y)}`;

/** An element with its attributes, which are escaped, and what is in it, which must be already. */
function element(name: string, attributes: Record<string, string | number>, ...content: string[]): string {
  const all = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(String(typeof value === 'number' ? round(value) : value))}"`)
    .join('');
  return content.length === 0 ? `<${name}${all}/>` : `<${name}${all}>${content.join('')}</${name}>`;
}

type Box = NonNullable<Picture['edges'][number]['label']>;

function textOf({ x, y, lines }: Box): string[] {
  // From the middle of the first line; a third of the letters' size is from their middle to their foot.
  const top = y - ((lines.length - 1) * lineHeight) / 2 + fontSize / 3;
  return lines.map((text, index) =>
    element('text', { x, y: top + index * lineHeight, 'text-anchor': 'middle' }, escaped(text)),
  );
}

function rectangle({ x, y, width, height }: Box, attributes: Record<string, string | number>): string {
  return element('rect', { x: x - width / 2, y: y - height / 2, width, height, ...attributes });
}

function nodeOf(node: Picture['nodes'][number], isActive: boolean): string {
  const { fill, stroke, round: corner } = looks[node.kind];
  const colours = isActive
    ? { fill: active.fill, stroke: active.stroke, 'stroke-width': active.strokeWidth }
    : { fill, stroke, 'stroke-width': 1.5 };
  const rx = Math.min(corner, node.height / 2);
  const bars =
    node.kind === 'action'
      ? [rectangle({ ...node, width: node.width - 12 }, { fill: 'none', stroke: colours.stroke })]
      : [];
  return element(
    'g',
    { class: isActive ? `${node.kind} active` : node.kind },
    rectangle(node, { rx, ...colours }),
    ...bars,
    ...textOf(node),
  );
}

/** A line through the points without corners, and the head of its arrow. */
function arrowOf(points: Picture['edges'][number]['points']): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  const before = points.at(-2);
  if (first === undefined || last === undefined || before === undefined) return '';
  const bends = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1] ?? last;
    const middle = { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q ${at(point)} ${at(middle)}`;
  });
  const length = Math.hypot(last.x - before.x, last.y - before.y) || 1;
  const along = { x: (last.x - before.x) / length, y: (last.y - before.y) / length };
  const side = (sign: 1 | -1) => ({
    x: last.x - 10 * along.x + sign * 4.5 * along.y,
    y: last.y - 10 * along.y - sign * 4.5 * along.x,
  });
  return [
    element('path', {
      d: [`M ${at(first)}`, ...bends, `L ${at(last)}`].join(' '),
      fill: 'none',
      stroke: line,
      'stroke-width': 1.5,
    }),
    element('path', { d: `M ${at(last)} L ${at(side(1))} L ${at(side(-1))} Z`, fill: line }),
  ].join('');
}

/** What a branch is taken by, on the line and not crossed by it. */
function labelOf(label: Box | undefined): string[] {
  if (label === undefined) return [];
  return [element('g', { class: 'label' }, rectangle(label, { rx: 4, fill: '#ffffff' }), ...textOf(label))];
}

/** Laying out is what takes time, up to some tenths of a second for the largest, and does not depend on the instance. */
const pictures = new WeakMap<Definition, Picture>();

function pictureOf(definition: Definition): Picture {
  const picture = pictures.get(definition) ?? layOut(flowOf(definition));
  pictures.set(definition, picture);
  return picture;
}

/** A definition as a picture (SVG, without scripts or anything from elsewhere), in which active steps stand out. */
export function svgOf(definition: Definition, activeSteps: readonly string[]): string {
  const { width, height, nodes, edges } = pictureOf(definition);
  const title = printable(definition.title);
  const activeIds = new Set(activeSteps.map(idOf));
  const picture = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': title,
      'font-family': "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
      'font-size': fontSize,
      fill: ink,
    },
    element('title', {}, escaped(title)),
    element('rect', { width, height, fill: '#ffffff' }),
    ...edges.map(({ points }) => `\n${arrowOf(points)}`),
    ...nodes.map((node) => `\n${nodeOf(node, activeIds.has(node.id))}`),
    ...edges.flatMap(({ label }) => labelOf(label).map((text) => `\n${text}`)),
  );
  return `${picture}\n`;
}
