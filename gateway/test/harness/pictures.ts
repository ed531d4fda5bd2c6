import { crc32, deflateSync } from 'node:zlib';

/** A chunk of a PNG. */
export function chunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

export const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');

export function header(width: number, height: number): Buffer {
  const data = Buffer.from('00000000000000000800000000', 'hex');
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  return chunk('IHDR', data);
}

/** A grey PNG of 4 × 4 pixels, or one that says it has more; `extra` stands before its pixels. */
export function png({ width = 4, height = 4, extra = [] as Buffer[], filler = 0 } = {}): Buffer {
  const rows = Buffer.alloc(20, 90).fill(0, 0, 1).fill(0, 5, 6).fill(0, 10, 11).fill(0, 15, 16);
  const pixels = Buffer.concat([deflateSync(rows), Buffer.alloc(filler)]);
  return Buffer.concat([pngSignature, header(width, height), ...extra, chunk('IDAT', pixels), chunk('IEND')]);
}

/** A PNG of so many bytes, all of which are kept. */
export const pngOfBytes = (bytes: number): Buffer => png({ filler: bytes - png().length });

/** A baseline and a progressive JPEG of 24 × 16 pixels, with nothing but JFIF in them. */
export const jpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAgAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAQABgDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDmnaoHanu1QO1dWCwx9Vi6412oqJ2or6ejhvdPnqtf3j//2Q==',
  'base64',
);
export const progressiveJpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAgAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wgARCAAQABgDASIAAhEBAxEB/8QAFwAAAwEAAAAAAAAAAAAAAAAAAAECBf/EABUBAQEAAAAAAAAAAAAAAAAAAAUD/9oADAMBAAIQAxAAAAHMhxVVECZ3/8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQABBQJf/8QAFxEBAQEBAAAAAAAAAAAAAAAAAgADIf/aAAgBAwEBPwHVyfb/xAAXEQADAQAAAAAAAAAAAAAAAAAAAgMh/9oACAECAQE/AYzEnh//xAAUEAEAAAAAAAAAAAAAAAAAAAAg/9oACAEBAAY/Al//xAAVEAEBAAAAAAAAAAAAAAAAAAABAP/aAAgBAQABPyFZZZZZb//aAAwDAQACAAMAAAAQoP8A/8QAFBEBAAAAAAAAAAAAAAAAAAAAEP/aAAgBAwEBPxA9/8QAFBEBAAAAAAAAAAAAAAAAAAAAEP/aAAgBAgEBPxA1/8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQABPxBVVf/Z',
  'base64',
);

export function segment(marker: number, payload: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}

/** The same JPEG with segments behind its JFIF one. */
export const withSegments = (picture: Buffer, ...segments: Buffer[]): Buffer =>
  Buffer.concat([picture.subarray(0, 20), ...segments, picture.subarray(20)]);

/** An Exif segment as a phone writes it: its maker, how the photo is turned, and where it was taken. */
export function exif({ orientation = 6, little = true } = {}): Buffer {
  const tiff = Buffer.alloc(140);
  const short = (value: number, at: number) =>
    little ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at);
  const long = (value: number, at: number) =>
    little ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at);
  const entry = (at: number, tag: number, type: number, count: number) => {
    short(tag, at);
    short(type, at + 2);
    long(count, at + 4);
  };
  tiff.write(little ? 'II' : 'MM', 0, 'latin1');
  short(42, 2);
  long(8, 4);
  short(3, 8);
  entry(10, 0x010f, 2, 12);
  long(60, 18);
  entry(22, 0x0112, 3, 1);
  short(orientation, 30);
  entry(34, 0x8825, 4, 1);
  long(80, 42);
  tiff.write('PhoneMaker\0', 60, 'latin1');
  tiff.write('GPS 31.2304N 121.4737E', 80, 'latin1');
  return segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]));
}

/** A BMP of 24 bits a pixel, or one that says otherwise. */
export function bmp({ width = 4, height = 4, bits = 24, compression = 0 } = {}): Buffer {
  const pixels = Buffer.alloc(Math.ceil((4 * 24) / 32) * 4 * 4, 90);
  const head = Buffer.alloc(54);
  head.write('BM', 0, 'latin1');
  head.writeUInt32LE(head.length + pixels.length, 2);
  head.writeUInt32LE(54, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(bits, 28);
  head.writeUInt32LE(compression, 30);
  return Buffer.concat([head, pixels]);
}
