import { createLogger, type Logger } from '../../src/logger.ts';

/** The production logger, whose lines stay here for a test to read: `text` is all of them, `lines` what each says. */
export function logLines(): {
  logger: Logger;
  text(): string;
  lines(): Record<string, unknown>[];
  clear(): void;
} {
  let text = '';
  const destination = {
    write(line: string) {
      text += line;
    },
  };
  return {
    logger: createLogger({ level: 'trace', name: 'test', destination }),
    text: () => text,
    lines: () =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
    clear() {
      text = '';
    },
  };
}
