import type { Frame, Owner } from './profile.ts';

const width = 1200;
const rowHeight = 17;
const top = 46;
/** Frames narrower than this, in pixels, are left out: nobody sees them. */
const narrowest = 1.2;
const letterWidth = 6.2;

const colours: Record<Owner, string> = {
  ours: '#f2a65a',
  library: '#8fb8de',
  node: '#a9d6a0',
  engine: '#cfc7d8',
};
const words: Record<Owner, string> = {
  ours: 'this repository',
  library: 'packages',
  node: 'Node.js',
  engine: 'engine, native code, garbage collection',
};

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const figure = (pixels: number) => String(Math.round(pixels * 10) / 10);

type Box = { frame: Frame; depth: number; left: number; wide: number };

/** Each frame lies above the one that called it, as wide as its part of the time. */
function boxesOf(frame: Frame, perMicro: number, depth = 0, left = 0): Box[] {
  const wide = frame.total * perMicro;
  if (wide < narrowest) return [];
  const boxes: Box[] = [{ frame, depth, left, wide }];
  let edge = left;
  for (const callee of frame.callees) {
    boxes.push(...boxesOf(callee, perMicro, depth + 1, edge));
    edge += callee.total * perMicro;
  }
  return boxes;
}

function drawBox({ frame, depth, left, wide }: Box, all: number, bottom: number): string {
  const y = bottom - (depth + 1) * rowHeight;
  const percent = ((frame.total / all) * 100).toFixed(1);
  const said = `${frame.name} ${frame.place}, ${percent} %`;
  const room = Math.floor((wide - 4) / letterWidth);
  const label = room < 3 ? '' : frame.name.length <= room ? frame.name : `${frame.name.slice(0, room - 1)}…`;
  const text = label === '' ? '' : `<text x="${figure(left + 2)}" y="${y + 12}">${escaped(label)}</text>`;
  const size = `width="${figure(Math.max(0.5, wide - 0.5))}" height="${rowHeight - 1}"`;
  const box = `<rect x="${figure(left)}" y="${y}" ${size} fill="${colours[frame.owner]}"/>`;
  return `<g><title>${escaped(said)}</title>${box}${text}</g>`;
}

/** A flame graph as SVG: the outermost function lies at the bottom; pointing at a frame says where it is. */
export function drawFlame(root: Frame, title: string): string {
  const boxes = boxesOf(root, width / Math.max(1, root.total));
  const depth = Math.max(0, ...boxes.map((box) => box.depth));
  const bottom = top + (depth + 1) * rowHeight;
  const legend = Object.entries(words).map(([owner, word], index) => {
    const x = 8 + index * 150;
    const colour = Object.entries(colours).find(([name]) => name === owner)?.[1];
    return `<rect x="${x}" y="26" width="10" height="10" fill="${colour}"/><text x="${x + 14}" y="35">${word}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 4}" font-family="monospace" font-size="10">`,
    `<rect width="${width}" height="${bottom + 4}" fill="#ffffff"/>`,
    `<text x="8" y="16" font-size="13">${escaped(title)}</text>`,
    ...legend,
    ...boxes.map((box) => drawBox(box, root.total, bottom)),
    '</svg>',
    '',
  ].join('\n');
}
