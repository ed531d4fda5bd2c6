import { createLogger, type Logger } from '../../src/logger.ts';

/** The production logger, whose lines stay here for a test to read: `text` is all of them. */
export function logLines(): { logger: Logger; text(): string; clear(): void } {
  let text = '';
  const destination = {
    write(line: string) {
      text += line;
    },
  };
  return {
    logger: createLogger({ level: 'trace', name: 'test', destination }),
    text: () => text,
    clear() {
      text = '';
    },
  };
}
