import { blacken, type Canvas, height, width } from './captcha-canvas.ts';
import { cellBits, cellSize, type Glyph } from './captcha-drawing.ts';
import type { Random } from './captcha-random.ts';

/** How far the pixels of a whole picture are moved: sideways by their row, up and down by their column. */
export type Waves = { sideways: Float64Array; upright: Float64Array };

const swing = { sideways: [1.5, 4], upright: [2, 6], ripple: [0.5, 1.5] } as const;
/** The farthest that any pixel is moved. */
const reach = { sideways: swing.sideways[1], upright: swing.upright[1] + swing.ripple[1] };

type Range = readonly [least: number, most: number];

/** Writes values of a sine, place by place: each from the last one, which is several times as fast as Math.sin. */
export function writeSines(values: Float64Array, random: Random, sizes: Range, lengths: Range): void {
  const size = random(...sizes);
  const phase = random(0, 2 * Math.PI);
  const step = (2 * Math.PI) / random(...lengths);
  const turn = { sin: Math.sin(step), cos: Math.cos(step) };
  let sin = size * Math.sin(phase);
  let cos = size * Math.cos(phase);
  for (let place = 0; place < values.length; place += 1) {
    values[place] = sin;
    const next = sin * turn.cos + cos * turn.sin;
    cos = cos * turn.cos - sin * turn.sin;
    sin = next;
  }
}

export const createWaves = (): Waves => ({
  sideways: new Float64Array(height),
  upright: new Float64Array(width),
});

const ripple = new Float64Array(width);

/** Makes other waves of these. */
export function renewWaves({ sideways, upright }: Waves, random: Random): void {
  writeSines(sideways, random, swing.sideways, [50, 110]);
  writeSines(upright, random, swing.upright, [90, 220]);
  writeSines(ripple, random, swing.ripple, [40, 80]);
  for (let column = 0; column < width; column += 1) {
    upright[column] = (upright[column] ?? 0) + (ripple[column] ?? 0);
  }
}

/** Where and how a glyph stands in a picture. */
export type Pose = {
  /** Its middle. */
  x: number;
  y: number;
  scale: number;
  /** Radians. */
  angle: number;
  slant: number;
  /** How much its rows and columns are curved. */
  bend: number;
};

/** Fractions of a pixel of a cell, of which whole numbers are counted. */
const fine = 8;
const columnU = new Int32Array(width);
const columnV = new Int32Array(width);

/**
 * Puts a glyph into a picture. For each pixel it asks which one of the glyph lies there; that place is a sum of what
 * depends on the row and what depends on the column, so the inner loop adds and looks up only.
 */
export function stamp(canvas: Canvas, glyph: Glyph, { x, y, scale, angle, slant, bend }: Pose, waves: Waves) {
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  // A step to the right in the picture is (ux, vx) in the glyph, one down is (uy, vy).
  const [ux, uy, vx, vy] = [cos, sin + slant * cos, -sin, cos - slant * sin];
  const { bits, left, right, top, bottom } = glyph;
  const [middleU, middleV] = [(left + right) / 2, (top + bottom) / 2];
  const [halfU, halfV] = [(right - left) / 2 + 2, (bottom - top) / 2 + 2];
  const area = ux * vy - uy * vx;
  const halfWidth = (Math.abs(vy) * halfU + Math.abs(uy) * halfV) / area + reach.sideways;
  const halfHeight = (Math.abs(vx) * halfU + Math.abs(ux) * halfV) / area + reach.upright;
  const rowReach = (halfU + Math.abs(uy) * reach.upright) / ux;
  // Whole bytes of eight pixels.
  const [fromX, toX] = [Math.max(0, (x - halfWidth) & ~7), Math.min(width, (x + halfWidth + 8) & ~7)];
  const [fromY, toY] = [Math.max(0, Math.floor(y - halfHeight)), Math.min(height, Math.ceil(y + halfHeight))];

  for (let column = fromX; column < toX; column += 1) {
    const across = column - x;
    const up = waves.upright[column] ?? 0;
    columnU[column] = (ux * across + uy * up + middleU) * 2 ** fine;
    columnV[column] = (vx * across + vy * up + bend * 4 * across * across + middleV) * 2 ** fine;
  }
  for (let row = fromY; row < toY; row += 1) {
    const down = row - y;
    const aside = waves.sideways[row] ?? 0;
    const offU = ux * aside + uy * down + bend * down * down;
    const rowU = Math.round(offU * 2 ** fine);
    const rowV = Math.round((vx * aside + vy * down) * 2 ** fine);
    // Only where the glyph can be in this row.
    const middle = x - offU / ux;
    const first = Math.max(fromX, (middle - rowReach) & ~7);
    const end = Math.min(toX, (middle + rowReach + 8) & ~7);
    for (let byte = first; byte < end; byte += 8) {
      let eight = 0;
      for (let column = byte; column < byte + 8; column += 1) {
        const u = (rowU + (columnU[column] ?? 0)) >> fine;
        const v = (rowV + (columnV[column] ?? 0)) >> fine;
        eight <<= 1;
        // Both from 0 to the last one of a cell.
        if (((u | v) & -cellSize) === 0) {
          const index = (v << cellBits) | u;
          eight |= ((bits[index >> 5] ?? 0) >>> (index & 31)) & 1;
        }
      }
      if (eight !== 0) blacken(canvas, byte, row, eight);
    }
  }
}
