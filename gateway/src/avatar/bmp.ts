import { checkDimensions, cut, refusePicture } from './refusal.ts';

export const bmpSignature = Buffer.from('BM', 'latin1');

const fileHeaderBytes = 14;
/** Sizes of the headers that there are: BITMAPCOREHEADER, BITMAPINFOHEADER and what grew from it. */
const coreHeader = 12;
const infoHeader = 40;
const headerSizes: readonly number[] = [coreHeader, infoHeader, 52, 56, 108, 124];

const compressions = { none: 0, runs8: 1, runs4: 2, masks: 3 };
/** Bits of a pixel by compression; pictures of other formats inside of a BMP are not taken. */
const bits: Readonly<Record<number, readonly number[]>> = {
  [compressions.none]: [1, 4, 8, 16, 24, 32],
  [compressions.runs8]: [8],
  [compressions.runs4]: [4],
  [compressions.masks]: [16, 32],
};

type Shape = {
  width: number;
  height: number;
  bitsPerPixel: number;
  compression: number;
  imageBytes: number;
  colours: number;
  colourBytes: number;
};

function shapeOf(header: Buffer): Shape {
  if (header.length === coreHeader) {
    const bitsPerPixel = header.readUInt16LE(10);
    return {
      width: header.readUInt16LE(4),
      height: header.readUInt16LE(6),
      bitsPerPixel,
      compression: compressions.none,
      imageBytes: 0,
      colours: bitsPerPixel <= 8 ? 2 ** bitsPerPixel : 0,
      colourBytes: 3,
    };
  }
  const bitsPerPixel = header.readUInt16LE(14);
  const used = header.readUInt32LE(32);
  return {
    width: header.readInt32LE(4),
    // Below zero: the rows run from the top.
    height: Math.abs(header.readInt32LE(8)),
    bitsPerPixel,
    compression: header.readUInt32LE(16),
    imageBytes: header.readUInt32LE(20),
    colours: bitsPerPixel <= 8 ? Math.min(used || 256, 2 ** bitsPerPixel) : 0,
    colourBytes: 4,
  };
}

function imageBytesOf({ width, height, bitsPerPixel, compression, imageBytes }: Shape): number {
  if (compression === compressions.runs8 || compression === compressions.runs4) {
    return imageBytes === 0 ? refusePicture('damaged') : imageBytes;
  }
  return Math.ceil((bitsPerPixel * width) / 32) * 4 * height;
}

/** A colour profile would stand behind the picture, or in a file that its path names. */
function withoutProfile(header: Buffer): Buffer {
  const clean = Buffer.from(header);
  if (clean.length > coreHeader && clean.readUInt16LE(14) > 8) clean.writeUInt32LE(0, 32);
  if (clean.length >= 108 && ['DEBM', 'KNIL'].includes(clean.toString('latin1', 56, 60))) {
    clean.write('BGRs', 56, 'latin1');
  }
  if (clean.length >= 124) clean.fill(0, 112);
  return clean;
}

/** The BMP of its headers, its colours and its pixels, with nothing between or behind. Never longer than it was. */
export function cleanBmp(bytes: Buffer): Buffer {
  const offset = cut(bytes, 0, fileHeaderBytes).readUInt32LE(10);
  const size = cut(bytes, fileHeaderBytes, 4).readUInt32LE();
  if (!headerSizes.includes(size)) refusePicture('damaged');
  const header = cut(bytes, fileHeaderBytes, size);
  const shape = shapeOf(header);
  if (shape.width < 0 || !bits[shape.compression]?.includes(shape.bitsPerPixel)) refusePicture('damaged');
  checkDimensions(shape.width, shape.height);

  const afterHeader = fileHeaderBytes + size;
  const masked = size === infoHeader && shape.compression === compressions.masks;
  const masks = cut(bytes, afterHeader, masked ? 12 : 0);
  const afterMasks = afterHeader + masks.length;
  // Some writers leave out the last colours of the table.
  const table = Math.min(shape.colours * shape.colourBytes, offset - afterMasks);
  const colours = cut(bytes, afterMasks, table);
  const pixels = cut(bytes, offset, imageBytesOf(shape));

  const fileHeader = Buffer.alloc(fileHeaderBytes);
  const pixelsAt = afterMasks + colours.length;
  fileHeader.write('BM', 0, 'latin1');
  fileHeader.writeUInt32LE(pixelsAt + pixels.length, 2);
  fileHeader.writeUInt32LE(pixelsAt, 10);
  return Buffer.concat([fileHeader, withoutProfile(header), masks, colours, pixels]);
}
