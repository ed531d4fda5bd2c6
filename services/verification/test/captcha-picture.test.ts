import { randomFillSync } from 'node:crypto';
import { crc32, inflateSync } from 'node:zlib';
import t from 'tap';
import { createPictures } from '../src/captcha-picture.ts';
import { createRandom } from '../src/captcha-random.ts';
import { alphabet } from '../src/captchas.ts';

const draw = createPictures(createRandom(randomFillSync));

/** The chunks of a PNG in their order; fails on one whose sum is wrong. */
function chunksOf(png: Buffer): { type: string; data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < png.length; ) {
    const end = at + 8 + png.readUInt32BE(at);
    if (png.readUInt32BE(end) !== crc32(png.subarray(at + 4, end))) throw new Error(`wrong sum at ${end}`);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, end) });
    at = end + 4;
  }
  return chunks;
}

/** Which pixels are black, row after row. */
function blackOf(png: Buffer): boolean[] {
  const packed = chunksOf(png).find(({ type }) => type === 'IDAT')?.data ?? Buffer.alloc(0);
  const rows = inflateSync(packed);
  return Array.from({ length: 360 * 120 }, (_, pixel) => {
    const column = pixel % 360;
    const byte = rows[Math.floor(pixel / 360) * 46 + 1 + (column >> 3)] ?? 0;
    return ((byte << (column & 7)) & 0x80) === 0;
  });
}

t.test('a picture is a PNG of black and white pixels, and has nothing in it but these', async (t) => {
  const png = await draw('ACDEF');
  t.equal(png.subarray(0, 8).toString('hex'), '89504e470d0a1a0a');
  const [header, pixels, end, ...others] = chunksOf(png);
  t.equal(header?.type, 'IHDR');
  // 360 by 120, one bit a pixel, grey, neither filtered nor interlaced.
  t.equal(header?.data.toString('hex'), '000001680000007801' + '00000000');
  t.equal(pixels?.type, 'IDAT');
  t.equal(inflateSync(pixels?.data ?? '').length, 5520);
  t.equal(end?.type, 'IEND');
  t.strictSame(others, []);
});

t.test('no two pictures of one text are alike', async (t) => {
  const pictures = await Promise.all(Array.from({ length: 50 }, () => draw('WWWWW')));
  t.equal(new Set(pictures.map((png) => png.toString('base64'))).size, 50);
});

t.test('of a picture of any text a part is black that can be read', async (t) => {
  const letters = Array.from(alphabet);
  const texts = letters.flatMap((letter, index) => [
    letter.repeat(6),
    `${letter}${letters[(index + 9) % 26]}${letters[(index + 17) % 26]}4`,
  ]);
  for (const text of texts) {
    const black = blackOf(await draw(text)).filter(Boolean).length / (360 * 120);
    t.ok(black > 0.06 && black < 0.4, `${text}: ${black}`);
  }
});

t.test('letters stand in another place in each picture', async (t) => {
  const firstColumns = new Set<number>();
  for (let count = 0; count < 20; count += 1) {
    const black = blackOf(await draw('8888'));
    const columns = Array.from(
      { length: 360 },
      (_, column) =>
        Array.from({ length: 120 }, (_, row) => black[row * 360 + column]).filter(Boolean).length,
    );
    // More than the lines that cross it out.
    firstColumns.add(columns.findIndex((count) => count > 20));
  }
  t.ok(firstColumns.size > 8, `${firstColumns.size} places`);
});

t.test('random numbers are asked for a page at a time, and lie within what is asked for', (t) => {
  const pages: number[] = [];
  const random = createRandom((page) => {
    pages.push(page.length);
    page.fill(2 ** 31);
  });
  t.equal(random(0, 1), 0.5);
  t.equal(random(-4, 8), 2);
  for (let count = 0; count < 2000; count += 1) random(0, 1);
  t.strictSame(pages, [1024, 1024]);
  const most = createRandom((page) => page.fill(2 ** 32 - 1));
  t.ok(most(0, 24) < 24);
  t.end();
});
