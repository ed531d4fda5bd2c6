import { exifOf, orientationOf } from './orientation.ts';
import { checkDimensions, cut, refusePicture } from './refusal.ts';

export const jpegSignature = Buffer.from('ffd8ff', 'hex');

const start = Buffer.from('ffd8', 'hex');
const end = Buffer.from('ffd9', 'hex');

/** Markers of ITU T.81, B.1.1.3. */
const markers = { tables: 0xc4, end: 0xd9, scan: 0xda, quantization: 0xdb, restart: 0xdd, comment: 0xfe };
/** Baseline, extended and progressive: what browsers show. */
const frames: readonly number[] = [0xc0, 0xc1, 0xc2];
const copied: readonly number[] = [markers.tables, markers.quantization, markers.restart];

const isApplication = (marker: number): boolean => marker >= 0xe0 && marker <= 0xef;
/** Inside coded data 0xff is followed by 0, or begins a restart marker. */
const isCoded = (marker: number): boolean => marker === 0 || (marker >= 0xd0 && marker <= 0xd7);

function segment(marker: number, payload: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}

/** Where coded data that begins at `from` ends: at the next marker. */
function endOfCoded(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next !== undefined && next !== 0xff && !isCoded(next)) return at;
  }
  return refusePicture('damaged');
}

function checkFrame(payload: Buffer): void {
  const components = cut(payload, 0, 6).readUInt8(5);
  const fits = payload.length === 6 + 3 * components && payload[0] === 8;
  if (!fits || ![1, 3, 4].includes(components)) refusePicture('damaged');
  checkDimensions(payload.readUInt16BE(3), payload.readUInt16BE(1));
}

/** What of the application segments is needed to show the picture right: never their thumbnails or texts. */
function applicationSegments() {
  const kept = new Map<number, Buffer>();
  return {
    look(marker: number, payload: Buffer): void {
      if (kept.has(marker)) return;
      const mark = payload.toString('latin1', 0, 5);
      if (marker === 0xe0 && mark === 'JFIF\0' && payload.length >= 14) {
        const bare = Buffer.from(payload.subarray(0, 14));
        bare.fill(0, 12);
        kept.set(marker, segment(marker, bare));
      }
      // Which colours the components are.
      if (marker === 0xee && mark === 'Adobe' && payload.length >= 12) {
        kept.set(marker, segment(marker, payload.subarray(0, 12)));
      }
      const orientation = marker === 0xe1 ? orientationOf(payload) : null;
      if (orientation !== null) kept.set(marker, segment(marker, exifOf(orientation)));
    },
    /** In the order of their markers: JFIF must come first. */
    all: () => [...kept.entries()].sort(([one], [other]) => one - other).map(([, bytes]) => bytes),
  };
}

/**
 * The JPEG without comments and application data (places, cameras, thumbnails, colour profiles), but as it
 * must be turned; it ends where the picture does. Never longer than it was.
 */
export function cleanJpeg(bytes: Buffer): Buffer {
  const application = applicationSegments();
  const kept: Buffer[] = [];
  let framed = false;
  let scanned = false;
  for (let at = start.length; ; ) {
    if (cut(bytes, at, 2)[0] !== 0xff) refusePicture('damaged');
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1; // a byte that fills
      continue;
    }
    if (marker === markers.end) break;
    const length = cut(bytes, at + 2, 2).readUInt16BE();
    const payload = cut(bytes, at + 4, length - 2);
    at += 2 + length;
    if (isApplication(marker)) {
      application.look(marker, payload);
    } else if (marker === markers.scan) {
      if (!framed) refusePicture('damaged');
      const coded = endOfCoded(bytes, at);
      kept.push(segment(marker, payload), bytes.subarray(at, coded));
      at = coded;
      scanned = true;
    } else if (frames.includes(marker)) {
      if (framed) refusePicture('damaged');
      checkFrame(payload);
      kept.push(segment(marker, payload));
      framed = true;
    } else if (copied.includes(marker)) {
      kept.push(segment(marker, payload));
    } else if (marker !== markers.comment) {
      refusePicture('damaged');
    }
  }
  if (!scanned) refusePicture('damaged');
  return Buffer.concat([start, ...application.all(), ...kept, end]);
}
