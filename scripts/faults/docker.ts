import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a program prints; throws with what it complained of when it fails. */
export async function output(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { stdout } = await run(program, args, { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

export const docker = (...args: string[]): Promise<string> => output('docker', args, process.env);

/** Asks until it holds, at most `patienceMs`. */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  { patienceMs, everyMs = 250 }: { patienceMs: number; everyMs?: number },
): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${patienceMs / 1000} s`);
    await delay(everyMs);
  }
}

export async function isHealthy(container: string): Promise<boolean> {
  return (await docker('inspect', '--format', '{{.State.Health.Status}}', container)) === 'healthy';
}

/** Whether a command succeeds in a container. */
export const succeeds = (container: string, command: readonly string[]): Promise<boolean> =>
  docker('exec', container, ...command).then(
    () => true,
    () => false,
  );
