import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { type DestinationStream, pino } from 'pino';
import { prettyLines } from './pretty-lines.ts';

/** What everything logs through: a pino logger, or a request's own child of it. */
export type Logger = FastifyBaseLogger;

const hidden = '[hidden]';
const secretNames = [
  'password',
  'newPassword',
  'new_password',
  'passwordHash',
  'expectedHash',
  'token',
  'authorization',
  'cookie',
  'openid',
  'phone',
  'secret',
  'js_code',
  'session_key',
];
/** The names are hidden wherever they stand up to three levels deep. */
const secretPaths = [
  ...secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  // An error's code is no secret; a code that somebody sent is.
  ...['body', 'query', 'input'].map((place) => `${place}.code`),
  'headers["set-cookie"]',
  '*.headers["set-cookie"]',
];

/** Drivers put the row's values into further properties of their errors, so only these are kept. */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    stack: error.stack,
    ...(error.cause === undefined || depth === 3 ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}

const serializers = {
  err: (error: unknown) => describeError(error),
  /** The route's pattern instead of the URL, which may hold a phone or a token. */
  req: (request: FastifyRequest) => ({
    method: request.method,
    route: request.routeOptions?.url ?? null,
    address: request.ip,
  }),
  res: (reply: FastifyReply) => ({ status: reply.statusCode }),
};

type LoggerOptions = {
  /** `LOG_LEVEL`. */
  level: string;
  /** The process or service that speaks. */
  name: string;
  /** Lines for people instead of JSON. */
  pretty?: boolean;
  /** Where lines go; the standard output if absent. */
  destination?: DestinationStream;
};

/** Makes the process's logger: JSON lines, secrets hidden by name, errors without a driver's row values. */
export function createLogger({ level, name, pretty = false, destination }: LoggerOptions): Logger {
  const target = destination ?? pino.destination({ dest: 1, sync: true });
  return pino(
    {
      level,
      name,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretPaths, censor: hidden },
      serializers,
    },
    pretty ? prettyLines(target) : target,
  );
}
