import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

const threads = '/proc/self/task';
/** What libuv calls the threads of its pool. */
const poolName = 'libuv-worker';
/** A third of the weight of others: beside these, passwords are still hashed. */
const lowerBy = 5;

/** Empty for a thread that has ended. */
function nameOf(thread: string): string {
  try {
    return readFileSync(`${threads}/${thread}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/**
 * Lets the event loop, and whoever else wants a core, go before the threads of libuv's pool, in which passwords are
 * hashed: what is begun there keeps a core for a long time. Lowers those that there are, which is all of them once one
 * has worked, and returns how many. Only Linux knows a priority of each thread; elsewhere there are none to lower.
 */
export function lowerHashThreads(): number {
  if (!existsSync(threads)) return 0;
  const lower = Math.min(getPriority() + lowerBy, constants.priority.PRIORITY_LOW);
  const pool = readdirSync(threads).filter((thread) => nameOf(thread) === poolName);
  for (const thread of pool) setPriority(Number(thread), lower);
  return pool.length;
}
