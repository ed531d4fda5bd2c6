const exifMark = 'Exif\0\0';
const orientationTag = 0x0112;
const shortType = 3;
const entryBytes = 12;

/** How a photo must be turned to be shown upright (Exif, tag 0x0112); null when nothing says so. */
export function orientationOf(payload: Buffer): number | null {
  if (payload.toString('latin1', 0, exifMark.length) !== exifMark) return null;
  const tiff = payload.subarray(exifMark.length);
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return null;
  const little = order === 'II';
  const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const start = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (short(2) !== 42 || start < 8 || start + 2 > tiff.length) return null;
  const first = start + 2;
  const end = first + short(start) * entryBytes;
  // With the offset that follows the entries, so that what is written instead is no longer than what was read.
  if (end + 4 > tiff.length) return null;
  for (let at = first; at < end; at += entryBytes) {
    if (short(at) !== orientationTag || short(at + 2) !== shortType) continue;
    const turned = short(at + 8);
    return turned >= 1 && turned <= 8 ? turned : null;
  }
  return null;
}

/** The payload of an Exif segment that says the orientation and nothing else. */
export function exifOf(orientation: number): Buffer {
  const tiff = Buffer.alloc(26);
  tiff.write('MM', 0, 'latin1');
  tiff.writeUInt16BE(42, 2);
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(orientationTag, 10);
  tiff.writeUInt16BE(shortType, 12);
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(orientation, 18);
  return Buffer.concat([Buffer.from(exifMark, 'latin1'), tiff]);
}
