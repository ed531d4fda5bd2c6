import { setFlagsFromString } from 'node:v8';
import { CommonSettings, type Environment, readConfig, SettingError } from './config.ts';
import { createLogger, type Logger } from './logger.ts';

/** Milliseconds that an orderly end may take; then the process ends as it is. */
const endWithinMs = 10_000;
/** A terminal and npm both pass Ctrl-C on: what comes within these milliseconds is the same one. */
const sameSignalMs = 1000;

/** What the start of a process gets. */
export type Started = {
  name: string;
  settings: CommonSettings;
  logger: Logger;
  environment: Environment;
  /** What is deferred here is closed at the end, the last first; at a failed start too. */
  opened: AsyncDisposableStack;
};

type ProcessOptions = {
  /** How it calls itself in its log and its messages. */
  name: string;
  environment: Environment;
  /** Variables of CommonSettings without which it refuses to start. */
  needs?: readonly (keyof CommonSettings)[];
  /** Opens what the process consists of; resolves when it serves. */
  start: (started: Started) => Promise<void>;
};

function refuseMissing(settings: CommonSettings, needs: readonly (keyof CommonSettings)[]): void {
  const missing = needs.filter((need) => settings[need] === undefined);
  if (missing.length === 0) return;
  const [last, ...others] = missing.reverse();
  const names = others.length === 0 ? `${last} is` : `${others.reverse().join(', ')} and ${last} are`;
  throw new SettingError(`${names} not set: it shares these servers with the other processes`);
}

/** Why a start failed, with what caused it, in one line. */
function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : error.name;
  const message = error.message || code;
  const line = error.cause === undefined ? message : `${message}: ${lineOf(error.cause)}`;
  return line.replaceAll(/\s*\n\s*/g, ' ');
}

/**
 * Ends the process once, in order: on a signal with 0, on a failure that nobody caught with 1. What hangs is
 * cut off; a second signal ends it at once.
 */
function endInOrder({ name, opened }: { name: string; opened: AsyncDisposableStack }) {
  let endedAt: number | undefined;
  let logger: Logger | undefined;

  async function end(exitCode: number): Promise<void> {
    if (endedAt !== undefined) {
      if (performance.now() - endedAt > sameSignalMs) process.exit(1);
      return;
    }
    endedAt = performance.now();
    setTimeout(() => {
      logger?.error(`did not end within ${endWithinMs / 1000} s, ends as it is`);
      process.exit(1);
    }, endWithinMs);
    const closed = await opened.disposeAsync().then(
      () => true,
      (error: unknown) => {
        logger?.error({ err: error }, 'something did not close');
        return false;
      },
    );
    process.exit(closed ? exitCode : 1);
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (endedAt === undefined) logger?.info(`${signal}: closing`);
      void end(0);
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      if (logger) logger.fatal({ err: error }, event);
      else process.stderr.write(`${name}: ${lineOf(error)}\n`);
      void end(1);
    });
  }
  return {
    ending: () => endedAt !== undefined,
    end,
    logTo(target: Logger) {
      logger = target;
    },
  };
}

/**
 * V8 lets old objects fill several times what is in use before it looks for those that nobody needs; where a process
 * takes a hundred megabytes less, looking at once costs no measurable part of a request (docs/performance.md).
 */
const heapGrowingPercent = 30;

/**
 * The life of a process: reads the common settings, starts, and ends in order. A start that fails says why
 * in one line on the standard error and exits with 1.
 */
export async function runProcess({ name, environment, needs = [], start }: ProcessOptions): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${heapGrowingPercent}`);
  const opened = new AsyncDisposableStack();
  const { end, ending, logTo } = endInOrder({ name, opened });
  try {
    const settings = readConfig(CommonSettings, environment);
    refuseMissing(settings, needs);
    const pretty = settings.NODE_ENV !== 'production';
    const logger = createLogger({ level: settings.LOG_LEVEL, name, pretty });
    logTo(logger);
    await start({ name, settings, logger, environment, opened });
  } catch (error) {
    // What a start under way runs into while the process ends already is no news.
    if (ending()) return;
    process.stderr.write(`${name} cannot start: ${lineOf(error)}\n`);
    await end(1);
  }
}
