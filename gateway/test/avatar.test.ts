import t from 'tap';
import { kept, type Naming } from './harness/kept-avatar.ts';
import {
  bmp,
  chunk,
  header,
  jpeg,
  png,
  pngSignature,
  progressiveJpeg,
  segment,
  withSegments,
} from './harness/pictures.ts';

t.test('a picture that ends too early is refused, wherever it ends', async (t) => {
  const pictures: [Buffer, string, number][] = [
    [png(), 'png', 8],
    [jpeg, 'jpg', 3],
    [progressiveJpeg, 'jpg', 3],
    [bmp(), 'bmp', 2],
  ];
  for (const [bytes, extension, signature] of pictures) {
    const wrong: number[] = [];
    for (let length = signature; length < bytes.length; length += 1) {
      if (kept(bytes.subarray(0, length), extension) !== 'damaged') wrong.push(length);
    }
    t.strictSame(wrong, [], extension);
  }
});

t.test(
  'a picture that declares more than 1024 pixels in a direction is refused without a look at them',
  async (t) => {
    const sof = jpeg.indexOf(Buffer.from('ffc0', 'hex'));
    const sized = (width: number, height: number) => {
      const changed = Buffer.from(jpeg);
      changed.writeUInt16BE(height, sof + 5);
      changed.writeUInt16BE(width, sof + 7);
      return changed;
    };
    const bombs: [string, Buffer, string][] = [
      ['1025 wide', png({ width: 1025 }), 'png'],
      ['1025 high', png({ height: 1025 }), 'png'],
      ['2^31 - 1', png({ width: 2_147_483_647, height: 2_147_483_647 }), 'png'],
      ['2^32 - 1', png({ width: 4_294_967_295 }), 'png'],
      ['65535 × 65535', sized(65_535, 65_535), 'jpg'],
      ['1025 × 1', sized(1025, 1), 'jpg'],
      ['1 × 1025', sized(1, 1025), 'jpg'],
      ['2^31 - 1', bmp({ width: 2_147_483_647, height: 1 }), 'bmp'],
      ['-2^31', bmp({ width: 1, height: -2_147_483_648 }), 'bmp'],
      ['1025', bmp({ width: 1025 }), 'bmp'],
    ];
    for (const [name, bytes, extension] of bombs)
      t.equal(kept(bytes, extension), 'dimensions', `${extension} ${name}`);
    t.type(kept(sized(1024, 1024), 'jpg'), Buffer);
  },
);

t.test('a picture that is wrong inside is refused', async (t) => {
  const flipped = Buffer.from(png());
  flipped.writeUInt8(91, 45);
  const sof = jpeg.indexOf(Buffer.from('ffc0', 'hex'));
  const withMarker = (marker: number) => {
    const changed = Buffer.from(jpeg);
    changed.writeUInt8(marker, sof + 1);
    return changed;
  };
  const colourType = Buffer.from('00000004000000040809000000', 'hex');
  const idat = chunk('IDAT', Buffer.from('x'));
  const iend = chunk('IEND');
  const ihdr = header(4, 4);
  const broken: [string, Buffer, string][] = [
    ['a chunk with a wrong sum', flipped, 'png'],
    ['no width', png({ width: 0 }), 'png'],
    ['no pixels', Buffer.concat([pngSignature, ihdr, iend]), 'png'],
    ['no header first', Buffer.concat([pngSignature, idat, ihdr, iend]), 'png'],
    ['two headers', png({ extra: [header(9000, 9000)] }), 'png'],
    ['an unknown critical chunk', png({ extra: [chunk('XXXX')] }), 'png'],
    ['a palette of 9000 bytes', png({ extra: [chunk('PLTE', Buffer.alloc(9000))] }), 'png'],
    [
      'a colour type that is none',
      Buffer.concat([pngSignature, chunk('IHDR', colourType), idat, iend]),
      'png',
    ],
    ['arithmetic coding', withMarker(0xc9), 'jpg'],
    ['lossless coding', withMarker(0xc3), 'jpg'],
    ['two frames', withSegments(jpeg, jpeg.subarray(sof, sof + 19)), 'jpg'],
    ['a late number of lines', withSegments(jpeg, segment(0xdc, Buffer.from('ffff', 'hex'))), 'jpg'],
    ['nothing but an end', Buffer.from('ffd8ffd9', 'hex'), 'jpg'],
    ['a segment of no length', withSegments(jpeg, Buffer.from('ffe10000', 'hex')), 'jpg'],
    ['a header of another size', Buffer.from(bmp()).fill(99, 14, 15), 'bmp'],
    ['a JPEG inside', bmp({ bits: 0, compression: 4 }), 'bmp'],
    ['a PNG inside', bmp({ bits: 0, compression: 5 }), 'bmp'],
    ['bits that there are not', bmp({ bits: 23 }), 'bmp'],
    ['runs without a length', bmp({ bits: 8, compression: 1 }), 'bmp'],
    ['a width below zero', bmp({ width: -4 }), 'bmp'],
    ['pixels before the header', Buffer.from(bmp()).fill(0, 10, 14), 'bmp'],
  ];
  for (const [name, bytes, extension] of broken)
    t.equal(kept(bytes, extension), 'damaged', `${extension}: ${name}`);
});

t.test('the type is that of the bytes, and name and content type agree with it', async (t) => {
  const octets = 'application/octet-stream';
  const agreeing: [Buffer, Naming][] = [
    [png(), { filename: 'ME.PNG' }],
    [png(), { filename: 'a.b.png', contentType: octets }],
    [jpeg, { filename: 'me.jpg', contentType: 'image/jpeg' }],
    [jpeg, { filename: 'me.JPEG', contentType: 'image/jpg' }],
    [bmp(), { filename: 'me.bmp', contentType: 'image/x-ms-bmp' }],
  ];
  for (const [bytes, naming] of agreeing) t.type(kept(bytes, 'png', naming), Buffer, JSON.stringify(naming));
  const lying: [Buffer, Naming][] = [
    [png(), { filename: 'me.jpg' }],
    [png(), { filename: 'me' }],
    [png(), { filename: 'png' }],
    [png(), { filename: 'me.png.html' }],
    [png(), { filename: '' }],
    [png(), { contentType: 'image/jpeg' }],
    [png(), { contentType: 'text/html' }],
    [png(), { contentType: '' }],
    [jpeg, { filename: 'me.png', contentType: 'image/png' }],
    [bmp(), { filename: 'me.bmp', contentType: 'image/png' }],
  ];
  for (const [bytes, naming] of lying) t.equal(kept(bytes, 'png', naming), 'name', JSON.stringify(naming));
  const others: Record<string, Buffer> = {
    nothing: Buffer.alloc(0),
    gif: Buffer.from('GIF89a'),
    webp: Buffer.from('RIFF\0\0\0\0WEBP'),
    svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    html: Buffer.from('<html>'),
    zip: Buffer.from('504b0304', 'hex'),
    'a PNG behind something': Buffer.concat([Buffer.from(' '), png()]),
  };
  for (const [name, bytes] of Object.entries(others)) t.equal(kept(bytes, 'png'), 'type', name);
});
