import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TakenError } from '../taken.ts';

/** Locks that nobody refers to any more would be closed with the next garbage, and so given back. */
const held = new Set<DatabaseSync>();

/**
 * Takes a folder for this process alone; another one is refused with a line that names the folder and the
 * process that has it. Answers the function that gives it back.
 *
 * The lock is the operating system's own, which Node.js offers through SQLite only: it ends with the process
 * however that ends, so there are no stale locks to take over, no process ids to be mistaken, and of two that
 * start at the same instant one gets it. It holds between containers that share the folder on one machine.
 */
export function lockFolder(folder: string): () => void {
  const holder = join(folder, 'lock.pid');
  const lock = new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    const busy = error instanceof Error && 'errcode' in error && error.errcode === 5;
    if (!busy) throw error;
    throw new TakenError(
      `the data folder ${folder} is in use by process ${pidIn(holder)}: the embedded database serves one ` +
        'process only (stop that one, set another DATA_DIR, or share a server by DATABASE_URL)',
    );
  }
  writeFileSync(holder, `${process.pid}\n`);
  held.add(lock);
  return () => {
    held.delete(lock);
    lock.close();
  };
}

/** For the message alone: the lock does not depend on it. */
function pidIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '(unknown)';
  }
}
