import type { Random } from './captcha-random.ts';

/** Width and height of the square that a glyph lies in. A power of two: a pixel is found by shifting. */
export const cellBits = 7;
export const cellSize = 2 ** cellBits;

/** One drawing of a letter, larger than it is shown: a pixel is a bit, set where it is black, row after row. */
export type Glyph = {
  bits: Int32Array;
  /** The first and last columns and rows that have black pixels. */
  left: number;
  right: number;
  top: number;
  bottom: number;
};
export type DrawGlyph = (letter: string) => Promise<Glyph>;

/** Beyond it a pixel, of which the renderer says how much is covered, from 0 to 255, counts as black. */
const covered = 100;

function pack(pixels: Buffer): Glyph {
  const bits = new Int32Array(cellSize ** 2 / 32);
  const ink = { left: cellSize, right: 0, top: cellSize, bottom: 0 };
  for (let index = 0; index < cellSize ** 2; index += 1) {
    if ((pixels[index * 4 + 3] ?? 0) <= covered) continue;
    bits[index >> 5] = (bits[index >> 5] ?? 0) | (1 << (index & 31));
    const column = index % cellSize;
    const row = index >> cellBits;
    ink.left = Math.min(ink.left, column);
    ink.right = Math.max(ink.right, column);
    ink.top = Math.min(ink.top, row);
    ink.bottom = Math.max(ink.bottom, row);
  }
  return { bits, ...ink };
}

/**
 * Draws letters with svg-captcha and rasterises them, in the threads of libuv's pool. The library moves each point of
 * an outline by up to 0.1, so the smaller a letter is drawn, the more its form varies; the weight of its lines is
 * ours. Both libraries are loaded by the first letter.
 */
export function createDrawing(random: Random): DrawGlyph {
  return async (letter) => {
    const [{ default: drawSvg }, { renderAsync }] = await Promise.all([
      import('svg-captcha'),
      import('@resvg/resvg-js'),
    ]);
    const size = random(14, 22);
    const look = { width: size, height: size, fontSize: size, noise: 0, color: false, background: '' };
    // The library's types leave out that its export can be called itself, with a text of the caller's.
    const svg = (drawSvg as unknown as (text: string, options: typeof look) => string)(letter, look);
    // What the widest and the highest letter fill, around the middle that the library puts a letter's middle to.
    const view = [0.055 * size - 1, 0.15 * size, 0.85 * size, 0.85 * size].join(',');
    const weight = random(0.008, 0.018) * size;
    const cut = svg
      .replace(/viewBox="[^"]*"/, `viewBox="${view}"`)
      .replace(/(?<= )(?:width|height)="[^"]*"/g, (side) => side.replace(/".*"/, `"${cellSize}"`))
      .replace('<path ', `<path stroke="#000" stroke-width="${weight}" `);
    return pack((await renderAsync(cut, { font: { loadSystemFonts: false } })).pixels);
  };
}
