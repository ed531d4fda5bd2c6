import { renderAsync } from '@resvg/resvg-js';
import svgCaptcha from 'svg-captcha';

/** The library's types leave out that its export can be called itself, with a text of the caller's. */
const drawSvg = svgCaptcha as unknown as (text: string, options: typeof look) => string;

/**
 * Chosen by eye: black letters with two lines through them, overlapping a little. With a background of its
 * own the library would colour the letters, which are hard to read then; so the renderer paints it.
 */
const look = { width: 180, height: 60, fontSize: 60, noise: 2, color: false, background: '' };
const rendering = {
  background: '#ffffff',
  fitTo: { mode: 'zoom', value: 2 },
  font: { loadSystemFonts: false },
} as const;

/**
 * Draws a text as a PNG of 360 × 120 pixels, in the threads of libuv's pool. The vector picture in between
 * must not leave this function: its paths give the letters away.
 */
export async function drawPicture(text: string): Promise<Buffer> {
  const picture = await renderAsync(drawSvg(text, look), rendering);
  return picture.asPng();
}
