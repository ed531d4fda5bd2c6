/** Logs a thousand lines, more than are written at once, and ends as its argument says: `by-itself`, `exit`, `uncaught`, `fatal`. */
import { createLogger } from '../../src/logger.ts';

const logger = createLogger({ level: 'info', name: 'writer' });
for (let line = 0; line < 1000; line++) logger.info({ line }, 'said');

switch (process.argv[2]) {
  case 'exit':
    process.exit(0);
    break;
  case 'uncaught':
    throw new Error('nobody catches it');
  case 'fatal':
    logger.fatal('the last words');
    process.kill(process.pid, 'SIGKILL');
    break;
}
