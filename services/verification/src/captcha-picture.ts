import { setImmediate } from 'node:timers/promises';
import { createWaves, renewWaves, stamp } from './captcha-bending.ts';
import { createCanvas, height, packPng, width, wipe } from './captcha-canvas.ts';
import { createDrawing, type Glyph } from './captcha-drawing.ts';
import { createGlyphs } from './captcha-glyphs.ts';
import { crossOut } from './captcha-lines.ts';
import type { Random } from './captcha-random.ts';

/** Left free beside the letters. */
const margin = 16;

/** How a letter stands, before it is known how much room all of them take. */
function shape(glyph: Glyph, random: Random) {
  const scale = random(0.9, 1.04);
  return {
    glyph,
    scale,
    angle: random(-0.18, 0.18),
    slant: random(-0.16, 0.16),
    bend: random(-0.0012, 0.0012),
    wide: (glyph.right - glyph.left) * scale,
    high: (glyph.bottom - glyph.top) * scale,
    overlap: random(-5, 3),
  };
}

/**
 * 26 letters with these take 1.3 MB at most. As a letter is drawn anew after so many uses, drawing costs a hundredth of
 * a picture.
 */
const keep = { variants: 24, uses: 1000 };

/**
 * Draws pictures of texts: PNG of 360 × 120 pixels, black on white. Whoever has this code can draw the same glyphs,
 * so what makes a picture hard to read is how they are bent, put and crossed out in each picture.
 */
export function createPictures(random: Random): (text: string) => Promise<Buffer> {
  const glyphOf = createGlyphs({ draw: createDrawing(random), random, ...keep });

  // Each picture is made on the same ones, in one go: new ones would cost a tenth of it, in garbage.
  const canvas = createCanvas();
  const waves = createWaves();

  function compose(glyphs: readonly Glyph[]): Buffer {
    wipe(canvas);
    renewWaves(waves, random);
    const shapes = glyphs.map((glyph) => shape(glyph, random));
    const wide = shapes.reduce((sum, shape) => sum + shape.wide - shape.overlap, 0);
    const room = width - 2 * margin;
    const fit = Math.min(1, room / wide);
    let left = margin + random(0, room - wide * fit);
    for (const { glyph, wide, high, overlap, scale, ...pose } of shapes) {
      const play = Math.max(0, (height - high * fit) / 2 - margin);
      const place = { x: left + (wide * fit) / 2, y: height / 2 + random(-play, play) };
      stamp(canvas, glyph, { ...pose, ...place, scale: scale * fit }, waves);
      left += (wide - overlap) * fit;
    }
    const lines = random(2, 3.2);
    for (let line = 1; line <= lines; line += 1) crossOut(canvas, random, waves);
    return packPng(canvas);
  }

  return async (text) => {
    const glyphs = await Promise.all(Array.from(text, glyphOf));
    // However many pictures are asked for, a turn of the event loop makes those only whose work has begun.
    await setImmediate();
    return compose(glyphs);
  };
}
