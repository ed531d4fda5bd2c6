import { randomFillSync } from 'node:crypto';
import t from 'tap';
import { createDrawing, type Glyph } from '../src/captcha-drawing.ts';
import { createGlyphs } from '../src/captcha-glyphs.ts';
import { createRandom } from '../src/captcha-random.ts';
import { alphabet } from '../src/captchas.ts';

const random = createRandom(randomFillSync);

/** A stand-in for drawing: glyphs that are numbered by `left`, in the order in which they are drawn. */
function numberedDrawing() {
  let drawn = 0;
  const draw = async (): Promise<Glyph> => {
    drawn += 1;
    return { bits: new Int32Array(1), left: drawn, right: 0, top: 0, bottom: 0 };
  };
  return { draw, drawn: () => drawn };
}

t.test('each letter is drawn whole, in a square with room around it', async (t) => {
  const draw = createDrawing(random);
  for (const letter of alphabet) {
    for (let count = 0; count < 4; count += 1) {
      const { left, right, top, bottom } = await draw(letter);
      t.ok(left > 0 && right < 127, `${letter} from column ${left} to ${right}`);
      t.ok(top > 0 && bottom < 127, `${letter} from row ${top} to ${bottom}`);
      t.ok(right - left > 30 && bottom - top > 60, `${letter} is large`);
    }
  }
});

t.test('no two drawings of a letter are alike', async (t) => {
  const draw = createDrawing(random);
  const drawings = await Promise.all(Array.from({ length: 20 }, () => draw('M')));
  t.equal(new Set(drawings.map(({ bits }) => bits.join())).size, 20);
});

t.test('the first drawing of a letter is waited for, and the only one that is', async (t) => {
  const draws = Promise.withResolvers<Glyph>();
  const { draw } = numberedDrawing();
  let calls = 0;
  const glyphOf = createGlyphs({
    draw: (letter) => {
      calls += 1;
      return calls === 1 ? draw() : letter === 'A' ? draws.promise : draw();
    },
    random,
    variants: 3,
    uses: 5,
  });
  t.equal((await glyphOf('A')).left, 1);
  t.equal((await glyphOf('A')).left, 1);
  t.equal((await glyphOf('A')).left, 1);
  t.equal(calls, 2);
  t.equal((await glyphOf('C')).left, 2);
  draws.resolve(await draw());
});

t.test(
  'of a letter no more drawings are kept than are asked for, and each is replaced in its turn',
  async (t) => {
    const { draw, drawn } = numberedDrawing();
    const glyphOf = createGlyphs({ draw, random, variants: 3, uses: 10 });
    for (let taken = 0; taken < 3; taken += 1) await glyphOf('A');
    t.equal(drawn(), 3);
    for (let taken = 0; taken < 10; taken += 1) await glyphOf('A');
    t.equal(drawn(), 3);
    for (let taken = 0; taken < 45; taken += 1) await glyphOf('A');
    t.equal(drawn(), 8);
    const seen = new Set<number>();
    for (let taken = 0; taken < 10; taken += 1) seen.add((await glyphOf('A')).left);
    t.ok(Math.min(...seen) > 5, `${[...seen]}`);
    t.ok(seen.size <= 3);
  },
);

t.test('a drawing that fails is told who has no other, and tried again', async (t) => {
  const { draw } = numberedDrawing();
  let fails = true;
  const glyphOf = createGlyphs({
    draw: async () => {
      if (fails) throw new Error('no renderer');
      return draw();
    },
    random,
    variants: 2,
    uses: 10,
  });
  await t.rejects(glyphOf('A'), { message: 'no renderer' });
  fails = false;
  t.equal((await glyphOf('A')).left, 1);
  fails = true;
  t.equal((await glyphOf('A')).left, 1);
});
