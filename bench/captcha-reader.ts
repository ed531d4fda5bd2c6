// How well a simple machine reads captchas, ours and svg-captcha's: each letter is taken for what the most similar
// letter of some labelled pictures is. It cuts the letters out in two ways, and the better one counts.
// usage: node bin/launch.mjs node bench/captcha-reader.ts [--labelled 500] [--read 100]
import { parseArgs } from 'node:util';
import { renderAsync } from '@resvg/resvg-js';
import { kinds, randomText } from './captcha-kinds.ts';

const { values } = parseArgs({
  options: { labelled: { type: 'string', default: '500' }, read: { type: 'string', default: '100' } },
});
const [width, height, length] = [360, 120, 5];
/** A letter is seen in a window of 80 by 100 pixels, as 16 by 20 mean values. */
const [step, across, down] = [5, 16, 20];
/** How far the reader looks around a place, in pixels. */
const offsets = [-15, -10, -5, 0, 5, 10, 15];

type Picture = { text: string; ink: Float32Array };

async function picture(draw: (text: string) => Promise<Buffer>): Promise<Picture> {
  const text = randomText(length);
  const href = `data:image/png;base64,${(await draw(text)).toString('base64')}`;
  const size = `width="${width}" height="${height}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><image ${size} href="${href}"/></svg>`;
  const { pixels } = await renderAsync(svg, { background: '#ffffff' });
  return {
    text,
    ink: Float32Array.from({ length: width * height }, (_, at) => 1 - (pixels[at * 4] ?? 0) / 255),
  };
}

/** Where the middle of each letter is thought to be. */
const cuts: Readonly<Record<string, (ink: Float32Array) => number[]>> = {
  'even places': () => Array.from({ length }, (_, letter) => ((width - 4) * (letter + 1)) / (length + 1)),
  'even parts of the ink': (ink) => {
    const columns = Array.from({ length: width }, (_, column) => {
      let sum = 0;
      for (let row = 0; row < height; row += 1) sum += ink[row * width + column] ?? 0;
      return sum;
    });
    const [first, last] = [columns.findIndex((sum) => sum > 14), columns.findLastIndex((sum) => sum > 14)];
    return Array.from({ length }, (_, letter) => first + ((last - first) * (letter + 0.5)) / length);
  },
};

/** What is seen around a place, so that the product of two views is their correlation. */
function view(ink: Float32Array, x: number, y: number): Float32Array {
  const seen = new Float32Array(across * down);
  const [left, top] = [Math.round(x - (across * step) / 2), Math.round(y - (down * step) / 2)];
  for (let row = Math.max(0, top); row < Math.min(height, top + down * step); row += 1) {
    for (let column = Math.max(0, left); column < Math.min(width, left + across * step); column += 1) {
      const at = Math.floor((row - top) / step) * across + Math.floor((column - left) / step);
      seen[at] = (seen[at] ?? 0) + (ink[row * width + column] ?? 0);
    }
  }
  const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length;
  const norm = Math.sqrt(seen.reduce((sum, value) => sum + (value - mean) ** 2, 0)) || 1;
  return seen.map((value) => (value - mean) / norm);
}

type Known = { letter: string; seen: Float32Array };

function correlation(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}

function read(ink: Float32Array, x: number, known: readonly Known[]): string {
  let best = { likeness: -1, letter: '' };
  for (const aside of offsets) {
    for (const off of [-10, 0, 10]) {
      const seen = view(ink, x + aside, height / 2 + off);
      for (const { letter, seen: other } of known) {
        const likeness = correlation(seen, other);
        if (likeness > best.likeness) best = { likeness, letter };
      }
    }
  }
  return best.letter;
}

for (const [kind, draw] of Object.entries(kinds)) {
  const labelled: Picture[] = [];
  for (let count = 0; count < Number(values.labelled); count += 1) labelled.push(await picture(draw));
  const unknown: Picture[] = [];
  for (let count = 0; count < Number(values.read); count += 1) unknown.push(await picture(draw));
  for (const [name, cut] of Object.entries(cuts)) {
    const known = labelled.flatMap(({ text, ink }) =>
      cut(ink).map((x, letter) => ({ letter: text.charAt(letter), seen: view(ink, x, height / 2) })),
    );
    const guesses = unknown.map(({ text, ink }) => ({
      text,
      guess: cut(ink).map((x) => read(ink, x, known)),
    }));
    const letters = guesses.flatMap(({ text, guess }) => guess.map((one, at) => one === text.charAt(at)));
    const right = letters.filter(Boolean).length / letters.length;
    const whole = guesses.filter(({ text, guess }) => guess.join('') === text).length / guesses.length;
    const share = (part: number) => `${(part * 100).toFixed(0)} %`;
    console.log(`${kind}, cut at ${name}: ${share(right)} of the letters, ${share(whole)} of the pictures`);
  }
}
