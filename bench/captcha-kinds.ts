import { randomFillSync, randomInt } from 'node:crypto';
import { createPictures } from '@vestibule/verification/captcha-picture';
import { createRandom } from '@vestibule/verification/captcha-random';
import { alphabet } from '@vestibule/verification/captchas';
import { drawSvgCaptcha } from './yardstick/svg-captcha.ts';

/** Pictures of texts as PNG of one size: ours, and those of svg-captcha, drawn anew by resvg for each picture. */
export const kinds: Readonly<Record<string, (text: string) => Promise<Buffer>>> = {
  'svg-captcha': drawSvgCaptcha,
  ours: createPictures(createRandom(randomFillSync)),
};

export const randomText = (length: number): string =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
