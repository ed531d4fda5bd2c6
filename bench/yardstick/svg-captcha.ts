import { renderAsync } from '@resvg/resvg-js';
import svgCaptcha from 'svg-captcha';

const look = { width: 180, height: 60, fontSize: 60, noise: 2, color: false, background: '' };
const rendering = {
  background: '#ffffff',
  fitTo: { mode: 'zoom', value: 2 },
  font: { loadSystemFonts: false },
} as const;

/** The library's types leave out that its export can be called itself, with a text of the caller's. */
const drawSvg = svgCaptcha as unknown as (text: string, options: typeof look) => string;

/** A PNG of 360 × 120 pixels as svg-captcha draws it, by resvg in the threads of libuv's pool. */
export async function drawSvgCaptcha(text: string): Promise<Buffer> {
  return (await renderAsync(drawSvg(text, look), rendering)).asPng();
}
