import formbody from '@fastify/formbody';
import multipart from '@fastify/multipart';
import { AppError } from '@vestibule/shared/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { toAppError } from './failures.ts';
import { receiveFile } from './uploads.ts';

/**
 * The fields of a body by name; `null` in JSON is the same as absent. Without a prototype, so that `__proto__`
 * is a name like any other.
 */
export type Fields = Record<string, unknown>;

const noFields = (): Fields => Object.create(null);

/** No document has more than ten fields. A single one may be as long as the whole. */
const multipartLimits = { parts: 64, fields: 64, files: 0, headerPairs: 16 };

const utf8 = new TextDecoder('utf-8', { fatal: true });

function text(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new AppError('body-unreadable', {}, cause);
  }
}

function jsonFields(json: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new AppError('body-unreadable', {}, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppError('body-unreadable');
  }
  const fields = noFields();
  for (const [name, field] of Object.entries(value)) if (field !== null) fields[name] = field;
  return fields;
}

/** Only UTF-8 is read: text in another encoding would be stored as something that nobody wrote. */
function refuseOtherEncodings({ headers }: FastifyRequest): void {
  const [, charset] = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(headers['content-type'] ?? '') ?? [];
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) {
    throw new AppError('content-type-unsupported');
  }
}

/** A name that comes more than once gives an array, as in a form body. */
function append(fields: Fields, name: string, value: unknown): void {
  const before = fields[name];
  if (!(name in fields)) fields[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else fields[name] = [before, value];
}

async function multipartFields(request: FastifyRequest, limit: number): Promise<Fields> {
  const fields = noFields();
  const { fileLimit } = request.routeOptions.config;
  const files = fileLimit === undefined ? 0 : 1;
  // Each part may be as long as the whole; a file that is longer than it may be is not cut but refused.
  const limits = { ...multipartLimits, files, fieldSize: limit, fileSize: limit };
  for await (const part of request.parts({ limits })) {
    if (part.type === 'file') {
      if (fileLimit === undefined) throw new AppError('body-too-large');
      append(fields, part.fieldname, await receiveFile(part, fileLimit));
    } else {
      append(fields, part.fieldname, part.value);
    }
  }
  return fields;
}

/** Rejects when more bytes arrive than are allowed: the parser itself limits only its parts. */
function whenTooLarge(request: FastifyRequest, limit: number): Promise<never> {
  let received = 0;
  return new Promise((_resolve, reject) => {
    request.raw.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received > limit) reject(new AppError('body-too-large'));
    });
  });
}

/**
 * Makes every body of a scope, JSON, form or multipart, one object of fields; no body is one without
 * fields. What does not become such an object never reaches a handler, whatever its content type says.
 */
export async function readBodies(
  scope: FastifyInstance,
  { bodyLimit, multipartLimit }: { bodyLimit: number; multipartLimit: number },
): Promise<void> {
  scope.removeAllContentTypeParsers();
  const readJson = async (_request: FastifyRequest, bytes: Buffer) =>
    bytes.length === 0 ? noFields() : jsonFields(text(bytes));
  scope.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit }, readJson);
  await scope.register(formbody, { bodyLimit });
  await scope.register(multipart, { limits: multipartLimits });
  scope.addHook('preParsing', async (request) => refuseOtherEncodings(request));
  scope.addHook('preValidation', async (request, reply) => {
    if (request.isMultipart()) {
      try {
        if (Number(request.headers['content-length'] ?? 0) > multipartLimit)
          throw new AppError('body-too-large');
        request.body = await Promise.race([
          multipartFields(request, multipartLimit),
          whenTooLarge(request, multipartLimit),
        ]);
      } catch (thrown) {
        // What is left of the body is not read, so nothing else can come on this connection.
        reply.header('connection', 'close');
        const error = toAppError(thrown);
        throw error.code === 'internal' ? new AppError('body-unreadable', {}, thrown) : error;
      }
    }
    request.body ??= noFields();
  });
}
