import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import t from 'tap';
import { lowerHashThreads } from '../src/hash-threads.ts';
import { argon2 } from '../src/password-hashing.ts';

const linux = process.platform === 'linux';

/** The priorities of this process's threads, by their names. */
function priorities(): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  for (const thread of linux ? readdirSync('/proc/self/task') : []) {
    const name = readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim();
    found.set(name, (found.get(name) ?? new Set()).add(getPriority(Number(thread))));
  }
  return found;
}

t.test('threads that hash come after all others, where threads have priorities', async (t) => {
  await argon2.hash('correct horse');
  const own = getPriority();
  const before = priorities();
  const lowered = lowerHashThreads();
  t.equal(lowered > 0, linux);
  const after = priorities();
  for (const [name, found] of before) {
    t.same(after.get(name), name === 'libuv-worker' ? new Set([Math.min(own + 5, 19)]) : found, name);
  }
  t.equal(lowerHashThreads(), lowered, 'a second time changes nothing');
  t.same(priorities(), after);
});
