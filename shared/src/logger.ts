import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { type DestinationStream, pino } from 'pino';
import { withoutSecrets } from './logged-fields.ts';
import { prettyLines } from './pretty-lines.ts';

/** What everything logs through: a pino logger, or a request's own child of it. */
export type Logger = FastifyBaseLogger;

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

const serialized: ReadonlySet<string> = new Set(Object.keys(serializers));

/** Most characters that wait for the end of a turn; well within what a pipe takes at once. */
const mostWaiting = 16_384;

/**
 * Writes what is said in one turn of the event loop at once, at its end: a line by itself costs more than most of
 * what it tells of. What waits is written before the process ends, by an error that nobody caught too.
 */
export function oncePerTurn(target: DestinationStream): DestinationStream & { flushSync(): void } {
  let waiting = '';
  let used = false;
  function flushSync(): void {
    const text = waiting;
    waiting = '';
    if (text !== '') target.write(text);
  }
  return {
    write(line) {
      if (!used) process.on('exit', flushSync);
      used = true;
      if (waiting === '') setImmediate(flushSync);
      waiting += line;
      if (waiting.length > mostWaiting) flushSync();
    },
    // Called by pino after a line of level `fatal`.
    flushSync,
  };
}

/** Makes the process's logger: JSON lines, secrets hidden by name, errors without a driver's row values. */
export function createLogger({ level, name, pretty = false, destination }: LoggerOptions): Logger {
  const target = destination ?? oncePerTurn(pino.destination({ dest: 1, sync: true }));
  const logger: Logger = pino(
    {
      level,
      name,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => withoutSecrets(fields, serialized),
      },
      hooks: {
        // Objects that are to be written into the words.
        logMethod(args, method) {
          for (let place = 1; place < args.length; place++) {
            args[place] = withoutSecrets(args[place], serialized);
          }
          method.apply(this, args);
        },
      },
      serializers,
    },
    pretty ? prettyLines(target) : target,
  );
  // A child writes its own fields once, when it is made, and none of the formatters sees them.
  const { child } = logger;
  logger.child = function makeChild(fields, options) {
    return child.call(this, withoutSecrets(fields, serialized), options);
  };
  return logger;
}
