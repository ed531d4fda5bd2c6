import { type Waves, writeSines } from './captcha-bending.ts';
import { blacken, type Canvas, height, width } from './captcha-canvas.ts';
import type { Random } from './captcha-random.ts';

/**
 * The heights of a curve from one edge to the other: a cubic Bézier curve, that begins, bends twice and ends at heights
 * by chance, written as a polynomial.
 */
function createCurve(random: Random): (part: number) => number {
  const begin = random(20, height - 20);
  const end = random(20, height - 20);
  const [first, second] = [random(0, height), random(0, height)];
  const [a, b, c] = [
    3 * (first - begin),
    3 * (begin - 2 * first + second),
    end - begin + 3 * (first - second),
  ];
  return (part) => begin + part * (a + part * (b + part * c));
}

const swell = new Float64Array(width);

/** Draws a curved line through a picture, as thick as the lines of a glyph, and not everywhere the same. */
export function crossOut(canvas: Canvas, random: Random, { upright }: Waves): void {
  const from = Math.ceil(random(2, 40));
  const to = Math.floor(random(width - 40, width - 2));
  const curve = createCurve(random);
  const thickness = random(1.8, 2.8);
  writeSines(swell, random, [0.3, 0.8], [90, 250]);
  let last: number | undefined;
  for (let column = from; column < to; column += 1) {
    const middle = curve((column - from) / (to - from)) + (upright[column] ?? 0);
    const rise = middle - (last ?? middle);
    last = middle;
    // What is steep must be higher to be as thick.
    const half = ((thickness + (swell[column] ?? 0)) * Math.sqrt(1 + rise * rise)) / 2;
    const bottom = Math.min(height, Math.round(middle + half));
    for (let row = Math.max(0, Math.round(middle - half)); row < bottom; row += 1) {
      blacken(canvas, column, row, 0x80 >> (column & 7));
    }
  }
}
