import { Resvg } from '@resvg/resvg-js';
import t from 'tap';
import { kept, typeOf } from './harness/kept-avatar.ts';
import {
  bmp,
  chunk,
  exif,
  jpeg,
  png,
  pngOfBytes,
  progressiveJpeg,
  segment,
  withSegments,
} from './harness/pictures.ts';

/** The pixels that a decoder sees. */
function pixels(bytes: Buffer, type: string): Buffer {
  const url = `data:${type};base64,${bytes.toString('base64')}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="16"><image href="${url}" width="24" height="16"/></svg>`;
  return new Resvg(svg).render().pixels;
}

const text = (type: string, words: string) => chunk(type, Buffer.from(words, 'latin1'));
const secret = 'GPS 31.2304N 121.4737E';
const zip = Buffer.concat([
  Buffer.from('504b0304', 'hex'),
  Buffer.from(`${secret}<script>alert(1)</script>`),
]);

t.test('pictures with nothing but themselves in them are kept byte by byte', async (t) => {
  const plain: [Buffer, string][] = [
    [png(), 'png'],
    [pngOfBytes(30_720), 'png'],
    [png({ width: 1024, height: 1024 }), 'png'],
    [jpeg, 'jpg'],
    [progressiveJpeg, 'jpg'],
    [bmp(), 'bmp'],
    [bmp({ height: -4 }), 'bmp'],
  ];
  for (const [bytes, extension] of plain) t.strictSame(kept(bytes, extension), bytes, extension);
});

t.test('texts, times, Exif, profiles and unknown chunks of a PNG are left out', async (t) => {
  const extra = [
    text('tEXt', `Comment\0${secret}`),
    text('zTXt', `Comment\0\0${secret}`),
    text('iTXt', `Comment\0\0\0\0\0${secret}`),
    text('eXIf', `MM\0*${secret}`),
    text('iCCP', `profile\0\0${secret}`),
    chunk('tIME', Buffer.from('07ea0b15000000', 'hex')),
    text('prVt', zip.toString('latin1')),
    chunk('acTL', Buffer.alloc(8)),
    chunk('fdAT', Buffer.alloc(64)),
  ];
  t.strictSame(kept(png({ extra }), 'png'), png());
  const gamma = chunk('gAMA', Buffer.from('0000b18f', 'hex'));
  t.strictSame(kept(png({ extra: [gamma] }), 'png'), png({ extra: [gamma] }), 'what shows it right stays');
});

t.test('Exif, comments, profiles and thumbnails of a JPEG are left out, but how it is turned', async (t) => {
  const meta = [
    segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${secret}`)),
    segment(0xe2, Buffer.from(`ICC_PROFILE\0${secret}`)),
    segment(0xed, Buffer.from(`Photoshop 3.0\0${secret}`)),
    segment(0xef, zip),
    segment(0xfe, Buffer.from(secret)),
  ];
  for (const picture of [jpeg, progressiveJpeg]) {
    t.strictSame(kept(withSegments(picture, ...meta), 'jpg'), picture);
    for (const little of [true, false]) {
      const turned = kept(withSegments(picture, exif({ little }), ...meta), 'jpg');
      const upright = Buffer.from(
        '457869660000' + '4d4d002a00000008' + '0001' + '011200030000000100060000' + '00000000',
        'hex',
      );
      t.strictSame(turned, withSegments(picture, segment(0xe1, upright)));
      t.notMatch(String(turned), /GPS|PhoneMaker/);
    }
  }
  t.strictSame(
    kept(withSegments(jpeg, exif({ orientation: 9 })), 'jpg'),
    jpeg,
    'no orientation that there is',
  );
  const thumbnail = Buffer.concat([
    jpeg.subarray(0, 2),
    segment(0xe0, Buffer.from('4a46494600010101004800480101ffffff', 'hex')),
    jpeg.subarray(20),
  ]);
  const without = Buffer.concat([
    jpeg.subarray(0, 2),
    segment(0xe0, Buffer.from('4a4649460001010100480048' + '0000', 'hex')),
    jpeg.subarray(20),
  ]);
  t.strictSame(kept(thumbnail, 'jpg'), without);
  const adobe = segment(0xee, Buffer.from('41646f6265006400000000' + '01', 'hex'));
  t.strictSame(
    kept(withSegments(jpeg, adobe), 'jpg'),
    withSegments(jpeg, adobe),
    'how its colours are coded stays',
  );
});

t.test('a comment between the scans of a progressive JPEG is left out', async (t) => {
  const last = progressiveJpeg.lastIndexOf(Buffer.from('ffda', 'hex'));
  const commented = Buffer.concat([
    progressiveJpeg.subarray(0, last),
    segment(0xfe, Buffer.from(secret)),
    progressiveJpeg.subarray(last),
  ]);
  t.strictSame(kept(commented, 'jpg'), progressiveJpeg);
});

t.test('what is cleaned shows the same pixels', async (t) => {
  const dirty: [Buffer, string, Buffer][] = [
    [png({ extra: [text('tEXt', `Comment\0${secret}`)] }), 'png', png()],
    [withSegments(jpeg, segment(0xfe, zip), exif({ orientation: 1 })), 'jpg', jpeg],
    [withSegments(progressiveJpeg, segment(0xe2, zip)), 'jpg', progressiveJpeg],
  ];
  for (const [bytes, extension, plain] of dirty) {
    const type = typeOf[extension] ?? '';
    const cleaned = kept(bytes, extension);
    if (!Buffer.isBuffer(cleaned)) throw new Error(`${extension} was refused`);
    t.ok(new Set(pixels(plain, type)).size > 1, 'a decoder sees a picture');
    t.ok(pixels(cleaned, type).equals(pixels(plain, type)), extension);
  }
});

t.test('what is behind the picture is cut off', async (t) => {
  const pictures: [Buffer, string][] = [
    [png(), 'png'],
    [jpeg, 'jpg'],
    [bmp(), 'bmp'],
  ];
  for (const [bytes, extension] of pictures) {
    for (const appended of [zip, Buffer.from('<html>'), jpeg, png(), Buffer.alloc(9000)]) {
      t.strictSame(kept(Buffer.concat([bytes, appended]), extension), bytes, extension);
    }
  }
});

t.test(
  'what is between the headers and the pixels of a BMP is left out, and what its headers lead to',
  async (t) => {
    const plain = bmp();
    const gap = Buffer.concat([plain.subarray(0, 54), zip, plain.subarray(54)]);
    gap.writeUInt32LE(54 + zip.length, 10);
    gap.write(secret.slice(0, 4), 6, 'latin1');
    t.strictSame(kept(gap, 'bmp'), plain);

    const v5 = Buffer.alloc(138);
    plain.copy(v5, 0, 0, 54);
    v5.writeUInt32LE(138, 10);
    v5.writeUInt32LE(124, 14);
    v5.write('DEBM', 70, 'latin1');
    v5.writeUInt32LE(124 + 48, 126);
    v5.writeUInt32LE(zip.length, 130);
    const profiled = kept(Buffer.concat([v5, plain.subarray(54), zip]), 'bmp');
    v5.writeUInt32LE(138 + 48, 2);
    v5.write('BGRs', 70, 'latin1');
    v5.fill(0, 126);
    t.strictSame(profiled, Buffer.concat([v5, plain.subarray(54)]));
  },
);
