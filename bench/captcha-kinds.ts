import { randomFillSync, randomInt } from 'node:crypto';
import { renderAsync } from '@resvg/resvg-js';
import { createPictures } from '@vestibule/verification/captcha-picture';
import { createRandom } from '@vestibule/verification/captcha-random';
import { alphabet } from '@vestibule/verification/captchas';
import svgCaptcha from 'svg-captcha';

const look = { width: 180, height: 60, fontSize: 60, noise: 2, color: false, background: '' };
const rendering = {
  background: '#ffffff',
  fitTo: { mode: 'zoom', value: 2 },
  font: { loadSystemFonts: false },
} as const;

/** The library's types leave out that its export can be called itself, with a text of the caller's. */
const drawSvg = svgCaptcha as unknown as (text: string, options: typeof look) => string;

/** Pictures of texts as PNG of one size: ours, and those of svg-captcha, drawn anew by resvg for each picture. */
export const kinds: Readonly<Record<string, (text: string) => Promise<Buffer>>> = {
  'svg-captcha': async (text) => (await renderAsync(drawSvg(text, look), rendering)).asPng(),
  ours: createPictures(createRandom(randomFillSync)),
};

export const randomText = (length: number): string =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
