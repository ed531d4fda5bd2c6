import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** `npm start` as its reader runs it, in a process group of its own. */
export type Running = {
  url: string;
  /** Milliseconds from the command to the first ready answer. */
  readyMs: number;
  /** Signals npm alone, as a supervisor does, or with SIGKILL everything; resolves when the port is free. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
};

/** Milliseconds that a start or an end may take before it counts as failed. */
const patienceMs = 60_000;

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + patienceMs; !(await condition()); await delay(20)) {
    if (performance.now() > end) throw new Error(`${what} within ${patienceMs / 1000} s`);
  }
}

/** Runs `npm start` in a clone, on its own folder and port, and waits until it serves. */
export async function startPlatform(
  clone: string,
  settings: { DATA_DIR: string; PORT: string },
): Promise<Running> {
  const url = `http://127.0.0.1:${settings.PORT}`;
  const begun = performance.now();
  const npm = spawn('npm', ['start'], {
    cwd: clone,
    env: { ...process.env, ...settings, OPS_PORT: '0', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const group = npm.pid;
  if (group === undefined) throw new Error('npm does not start');
  process.once('exit', () => {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // It has ended.
    }
  });
  const answers = (path: string) =>
    fetch(`${url}${path}`).then(
      (answer) => answer.ok,
      () => false,
    );
  await until(() => answers('/health/ready'), 'npm start serves');
  return {
    url,
    readyMs: performance.now() - begun,
    async end(signal) {
      process.kill(signal === 'SIGKILL' ? -group : group, signal);
      if (npm.exitCode === null && npm.signalCode === null) await once(npm, 'exit');
      await until(async () => !(await answers('/health/live')), 'npm start ends');
    },
  };
}
