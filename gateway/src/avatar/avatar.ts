import type { Avatar } from '@vestibule/shared/contracts/account';
import type { UploadedFile } from '../uploads.ts';
import { bmpSignature, cleanBmp } from './bmp.ts';
import { cleanJpeg, jpegSignature } from './jpeg.ts';
import { cleanPng, pngSignature } from './png.ts';
import { refusePicture } from './refusal.ts';

type PictureType = {
  contentType: Avatar['contentType'];
  signature: Buffer;
  extensions: readonly string[];
  /** As clients name the type. */
  named: readonly string[];
  clean: (bytes: Buffer) => Buffer;
};

const types: readonly PictureType[] = [
  {
    contentType: 'image/png',
    signature: pngSignature,
    extensions: ['png'],
    named: ['image/png', 'image/x-png'],
    clean: cleanPng,
  },
  {
    contentType: 'image/jpeg',
    signature: jpegSignature,
    extensions: ['jpg', 'jpeg'],
    named: ['image/jpeg', 'image/jpg', 'image/pjpeg'],
    clean: cleanJpeg,
  },
  {
    contentType: 'image/bmp',
    signature: bmpSignature,
    extensions: ['bmp'],
    named: ['image/bmp', 'image/x-bmp', 'image/x-ms-bmp', 'image/x-windows-bmp'],
    clean: cleanBmp,
  },
];

/** What clients say that know no type for an extension; it contradicts none. */
const unnamed = 'application/octet-stream';

const extensionOf = (filename: string): string => /\.([^.]*)$/.exec(filename)?.[1]?.toLowerCase() ?? '';

/**
 * The picture of an upload as it is kept. Its type is that of its bytes, with which name and content type
 * must agree; its size is read from its header, and nothing is decoded. What does not show it is left out.
 * Throws `input-invalid` with the broken rule.
 */
export function readAvatar({ filename, contentType, bytes, tooLarge }: UploadedFile): Avatar {
  if (tooLarge) refusePicture('too-large');
  const type = types.find(({ signature }) => bytes.subarray(0, signature.length).equals(signature));
  if (type === undefined) return refusePicture('type');
  const agreed = contentType === unnamed || type.named.includes(contentType);
  if (!agreed || !type.extensions.includes(extensionOf(filename))) refusePicture('name');
  return { contentType: type.contentType, data: type.clean(bytes).toString('base64') };
}
