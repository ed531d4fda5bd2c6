import { AppError } from '@vestibule/shared/errors';

/** What can be wrong with a picture. */
export type AvatarRule = 'too-large' | 'type' | 'name' | 'damaged' | 'dimensions';

export function refusePicture(rule: AvatarRule): never {
  throw new AppError('input-invalid', { field: 'avatar', rule });
}

/** A part of a file; refused as damaged when the file ends before. */
export function cut(bytes: Buffer, start: number, length: number): Buffer {
  if (start < 0 || length < 0 || start + length > bytes.length) refusePicture('damaged');
  return bytes.subarray(start, start + length);
}

/** Pixels that a picture may have in each direction; a larger one costs whoever decodes it. */
const longestSide = 1024;

/** Refuses a picture by the size that its header declares. */
export function checkDimensions(width: number, height: number): void {
  if (width === 0 || height === 0) refusePicture('damaged');
  if (width > longestSide || height > longestSide) refusePicture('dimensions');
}
