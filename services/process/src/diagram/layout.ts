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

function sizeOf(lines: readonly string[], around: { x: number; y: number }) {
  return {
    width: Math.ceil(Math.max(0, ...lines.map(textWidth))) + 2 * around.x,
    height: lines.length * lineHeight + 2 * around.y,
  };
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
    graph.setEdge(from, to, { ...size, labelpos: 'c' });
  }
  layout(graph);
  return {
    width: Math.ceil(graph.graph().width),
    height: Math.ceil(graph.graph().height),
    nodes: nodes.map((node) => ({ ...node, ...graph.node(node.id), lines: texts.get(node.id) ?? [] })),
    edges: edges.map(({ from, to }, index) => {
      const lines = labels[index] ?? [];
      const { points, x, y, width, height } = graph.edge(from, to);
      return { points, label: lines.length === 0 ? undefined : { x, y, width, height, lines } };
    }),
  };
}
