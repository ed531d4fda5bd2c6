import type { DrawGlyph, Glyph } from './captcha-drawing.ts';
import type { Random } from './captcha-random.ts';

type Options = {
  draw: DrawGlyph;
  random: Random;
  /** Drawings of a letter that are kept. */
  variants: number;
  /** How often drawings of a letter are taken before the oldest of them is replaced. */
  uses: number;
};

/**
 * Keeps drawings of letters, to be taken by chance. Who takes the first one of a letter waits for it; the others, and
 * what replaces them, are drawn while pictures are made, one of a letter at a time.
 */
export function createGlyphs({ draw, random, variants, uses }: Options): DrawGlyph {
  type Shelf = { kept: Glyph[]; drawn: number; taken: number; drawing?: Promise<Glyph> | undefined };
  const shelves = new Map<string, Shelf>();

  async function add(letter: string, shelf: Shelf): Promise<Glyph> {
    try {
      const glyph = await draw(letter);
      shelf.kept[shelf.drawn % variants] = glyph;
      shelf.drawn += 1;
      shelf.taken = 0;
      return glyph;
    } finally {
      shelf.drawing = undefined;
    }
  }

  return async (letter) => {
    const shelf = shelves.get(letter) ?? { kept: [], drawn: 0, taken: 0 };
    shelves.set(letter, shelf);
    shelf.taken += 1;
    if (shelf.kept.length < variants || shelf.taken > uses) {
      shelf.drawing ??= add(letter, shelf);
      // One that fails is tried again by the next picture.
      shelf.drawing.catch(() => {});
    }
    const glyph = shelf.kept[Math.floor(random(0, shelf.kept.length))] ?? (await shelf.drawing);
    if (!glyph) throw new Error(`no drawing of ${letter}`);
    return glyph;
  };
}
