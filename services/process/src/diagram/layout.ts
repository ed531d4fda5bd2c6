import { graphlib, layout } from '@dagrejs/dagre';
import type { Flow } from './flow.ts';
import { lineHeight, linesOf, textWidth } from './text-lines.ts';

type Point = { x: number; y: number };
/** `x` and `y` are the middle. */
type Box = Point & { width: number; height: number; lines: string[] };
export type Picture = {
  width: number;
  height: number;
  nodes: (Box & Flow['nodes'][number])[];
  edges: { points: Point[]; label: Box | undefined }[];
};

const longestTitle = 200;
const longestLabel = 160;
const margin = 16;
/** Around the text of a node; of a label. */
const padding = { node: { x: 20, y: 12 }, label: { x: 6, y: 2 } };
const leastWidth = 96;
const turnWidth = 28;

function sizeOf(lines: readonly string[], around: { x: number; y: number }) {
  return {
    width: Math.ceil(Math.max(0, ...lines.map(textWidth))) + 2 * around.x,
    height: lines.length * lineHeight + 2 * around.y,
  };
}

/** Where the way from a node to itself turns back: dagre's own loops stand outside of the picture. */
const turnOf = (id: string): string => `${id} again`;

function turnIn(graph: graphlib.Graph, id: string) {
  const away: Point[] = graph.edge(id, turnOf(id)).points.slice(0, -1);
  const back: Point[] = graph.edge(turnOf(id), id).points.slice(1);
  const turn = graph.node(turnOf(id));
  const side = (away.at(-1)?.x ?? 0) < (back[0]?.x ?? 0) ? -1 : 1;
  const corner = (sign: number): Point => ({ x: turn.x + (sign * turn.width) / 2, y: turn.y });
  return { ...turn, points: [...away, corner(side), corner(-side), ...back] };
}

/** Where everything of a flow stands, from the top down; the same for the same flow. */
export function layOut({ nodes, edges }: Flow): Picture {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 40, edgesep: 24, ranksep: 44, marginx: margin, marginy: margin });
  const texts = new Map<string, string[]>();
  for (const { id, title } of nodes) {
    const lines = linesOf(title, longestTitle);
    const { width, height } = sizeOf(lines, padding.node);
    texts.set(id, lines);
    graph.setNode(id, { width: Math.max(leastWidth, width), height });
  }
  const labels = edges.map(({ label }) => linesOf(label, longestLabel));
  for (const [index, { from, to }] of edges.entries()) {
    const lines = labels[index] ?? [];
    const size = lines.length === 0 ? { width: 0, height: 0 } : sizeOf(lines, padding.label);
    if (from === to) {
      graph.setNode(turnOf(from), { width: Math.max(turnWidth, size.width), height: size.height });
      graph.setEdge(from, turnOf(from), {});
      graph.setEdge(turnOf(from), from, {});
    } else {
      graph.setEdge(from, to, { ...size, labelpos: 'c' });
    }
  }
  layout(graph);
  return {
    width: Math.ceil(graph.graph().width),
    height: Math.ceil(graph.graph().height),
    nodes: nodes.map((node) => ({ ...node, ...graph.node(node.id), lines: texts.get(node.id) ?? [] })),
    edges: edges.map(({ from, to }, index) => {
      const lines = labels[index] ?? [];
      const { points, x, y, width, height } = from === to ? turnIn(graph, from) : graph.edge(from, to);
      return { points, label: lines.length === 0 ? undefined : { x, y, width, height, lines } };
    }),
  };
}
