import { crc32 } from 'node:zlib';
import { checkDimensions, cut, refusePicture } from './refusal.ts';

export const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');

/**
 * The chunks that are kept, with the bytes that each may have. All others that a decoder may skip are not:
 * text, times, Exif, colour profiles (which hold text, compressed too), frames of an animation.
 */
const longest: Readonly<Record<string, number>> = {
  IHDR: 13,
  PLTE: 768,
  tRNS: 256,
  gAMA: 4,
  cHRM: 32,
  sRGB: 1,
  IDAT: Number.POSITIVE_INFINITY,
  IEND: 0,
};

/** Bit depths by colour type (PNG, 11.2.1). */
const depths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

const isCritical = (type: string): boolean => /^[A-Z]/.test(type);

type Chunk = { type: string; data: Buffer; whole: Buffer };

function chunkAt(bytes: Buffer, at: number): Chunk {
  const length = cut(bytes, at, 4).readUInt32BE();
  const whole = cut(bytes, at, 12 + length);
  if (crc32(whole.subarray(4, 8 + length)) !== whole.readUInt32BE(8 + length)) refusePicture('damaged');
  return { type: whole.toString('latin1', 4, 8), data: whole.subarray(8, 8 + length), whole };
}

function checkHeader(header: Buffer): void {
  if (header.length !== 13) refusePicture('damaged');
  checkDimensions(header.readUInt32BE(0), header.readUInt32BE(4));
  const [depth = 0, colour = 0, compression, filter, interlace = 0] = header.subarray(8);
  if (!depths[colour]?.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1) {
    refusePicture('damaged');
  }
}

/** The PNG with what shows it and nothing else; it ends where the picture does. Never longer than it was. */
export function cleanPng(bytes: Buffer): Buffer {
  const kept: Buffer[] = [pngSignature];
  const seen = new Set<string>();
  for (let at = pngSignature.length; !seen.has('IEND'); ) {
    const { type, data, whole } = chunkAt(bytes, at);
    at += whole.length;
    if (seen.size === 0) {
      if (type !== 'IHDR') refusePicture('damaged');
      checkHeader(data);
    }
    const most = longest[type];
    if (most === undefined) {
      if (isCritical(type)) refusePicture('damaged');
      continue;
    }
    if (data.length > most || (seen.has(type) && type !== 'IDAT')) refusePicture('damaged');
    seen.add(type);
    kept.push(whole);
  }
  if (!seen.has('IDAT')) refusePicture('damaged');
  return Buffer.concat(kept);
}
