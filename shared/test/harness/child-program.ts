import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';

/** A program of the test harness in a process of its own, and the lines that it printed so far. */
export type ChildProgram = {
  child: ChildProcess;
  lines: string[];
  /** Resolves with the first line that fits, printed already or not; with undefined when the process ends. */
  line(pattern: RegExp): Promise<string | undefined>;
  /** SIGKILL. Resolves when it is gone and all its lines are here. */
  kill(): Promise<void>;
  ended: Promise<unknown>;
};

/** Runs a file of this folder with Node.js; killed at the end of the test if it still runs. */
export function startProgram(t: Test, file: string, args: readonly string[]): ChildProgram {
  const program = new URL(file, import.meta.url).pathname;
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const reader = createInterface({ input: child.stdout });
  const lines: string[] = [];
  reader.on('line', (line) => lines.push(line));
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]);
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  t.teardown(kill);
  return {
    child,
    lines,
    kill,
    ended,
    async line(pattern) {
      const fits = (line: string) => pattern.test(line);
      let over = false;
      const end = ended.then(() => {
        over = true;
      });
      while (!lines.some(fits) && !over) await Promise.race([once(reader, 'line'), end]);
      return lines.find(fits);
    },
  };
}
