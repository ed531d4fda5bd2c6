import { AppError } from '@vestibule/shared/errors';
import { readAvatar } from '../../src/avatar/avatar.ts';

/** The content types of extensions. */
export const typeOf: Record<string, string> = { png: 'image/png', jpg: 'image/jpeg', bmp: 'image/bmp' };

export type Naming = { filename?: string; contentType?: string };
/** The bytes that are kept of a picture, or the rule that it breaks. */
export function kept(bytes: Buffer, extension: string, naming: Naming = {}): Buffer | string | undefined {
  const file = { filename: `me.${extension}`, contentType: typeOf[extension] ?? '', ...naming };
  try {
    const { data } = readAvatar({ ...file, bytes, tooLarge: false });
    return Buffer.from(data, 'base64');
  } catch (error) {
    if (error instanceof AppError && error.code === 'input-invalid') return error.details.rule;
    throw error;
  }
}
