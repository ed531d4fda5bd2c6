import type { MultipartFile } from '@fastify/multipart';
import { Kind, Type, TypeRegistry } from '@vestibule/shared/schema';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Bytes that the one file of a route's multipart body may have; where this is absent no file may come. */
    fileLimit?: number;
  }
}

/** A file of a multipart body as its client sent it. */
export type UploadedFile = {
  filename: string;
  contentType: string;
  /** Nothing when it was too large: a part of a file is no file. */
  bytes: Buffer;
  tooLarge: boolean;
};

/** Only what came as a file holds bytes; a body of JSON cannot look like one. */
const isUploadedFile = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'bytes' in value && Buffer.isBuffer(value.bytes);

const kind = 'vestibule-file';
TypeRegistry.Set(kind, (_schema, value) => isUploadedFile(value));

/** The schema of a file field; OpenAPI shows it as binary text. */
export const FileField = (options: { description: string }) =>
  Type.Unsafe<UploadedFile>({ ...options, [Kind]: kind, type: 'string', format: 'binary' });

/** Reads a file as it streams in. Of one that is too large the rest passes by without being kept. */
export async function receiveFile(
  { file, filename, mimetype }: Pick<MultipartFile, 'file' | 'filename' | 'mimetype'>,
  limit: number,
): Promise<UploadedFile> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of file) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else chunks.length = 0;
  }
  const tooLarge = size > limit;
  return { filename: filename ?? '', contentType: mimetype, bytes: Buffer.concat(chunks), tooLarge };
}
