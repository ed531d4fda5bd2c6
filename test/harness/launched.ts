import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort, until } from '@vestibule/shared/test/server-process';
import type { Test } from 'tap';

const root = join(import.meta.dirname, '..', '..');

/** A program of this repository as an operator starts it, with all that it says. */
export type Launched = {
  child: ChildProcess;
  /** What it printed so far. */
  printed(): string;
  complained(): string;
  /** The first match of a pattern in what it prints, once it is there; fails when the program ends first. */
  says(pattern: RegExp): Promise<string>;
  /** How it ended: its exit code, or the signal. */
  ended: Promise<number | NodeJS.Signals>;
};

/** Settings of a platform of this test's own: its folder, and ports that nobody has. */
export async function ownSettings(t: Test): Promise<Record<string, string>> {
  return { DATA_DIR: join(t.testdir(), 'data'), PORT: String(await freePort()), OPS_PORT: '0' };
}

/** Starts a source file with just these settings; killed with the test if it still runs. */
export function launch(
  t: Test,
  source: string,
  settings: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Launched {
  const child = spawn(process.execPath, [join(root, source), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  let complained = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text;
  });
  // `close`, not `exit`: by then all that it said has arrived.
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const running = () => child.exitCode === null && child.signalCode === null;
  return {
    child,
    printed: () => printed,
    complained: () => complained,
    async says(pattern) {
      await until(`${source} says ${pattern}`, () => pattern.test(printed) || !running(), 60_000);
      const [match] = pattern.exec(printed) ?? [];
      if (match === undefined) throw new Error(`${source} ended:\n${printed}${complained}`);
      return match;
    },
    ended,
  };
}

/** How a start that must fail ended: its exit code, and the lines on its standard error. */
export async function refusal(t: Test, source: string, settings: Readonly<Record<string, string>>) {
  const launched = launch(t, source, settings);
  const code = await launched.ended;
  return { code, lines: launched.complained().trimEnd().split('\n') };
}

/** How a program of the command line ended, and all that it said. */
export async function runTool(
  t: Test,
  source: string,
  settings: Readonly<Record<string, string>>,
  args: readonly string[],
) {
  const tool = launch(t, source, settings, args);
  const code = await tool.ended;
  return { code, printed: tool.printed(), complained: tool.complained() };
}
