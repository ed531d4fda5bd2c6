// Runs the tests: `test.ts [--servers] [FILE...]`. Without --servers, those that the embedded default can
// run; with it, all that servers make a difference to, on real ones. Ends with a line `N passed, N failed`.
import { spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { reportTap, type Totals } from './tap-report.ts';
import { dependsOnServers } from './test-selection.ts';

const root = join(import.meta.dirname, '..');
const patterns = ['{shared,gateway,bench,services/*}/test/**/*.test.ts', 'test/**/*.test.ts'];
const needsServers = (file: string) => file.endsWith('.servers.test.ts');
/** They hold the platform to times that it promises, which it cannot keep while other tests take the cores. */
const alone = new Set([
  'shared/test/redis-faults.servers.test.ts',
  'test/login-times.test.ts',
  'test/medicine.servers.test.ts',
  'test/paused-replica.servers.test.ts',
]);

const args = process.argv.slice(2);
const withServers = args.includes('--servers');
const named = args.filter((arg) => !arg.startsWith('--'));
const all = named.length > 0 ? named : globSync(patterns, { cwd: root }).sort();
const files = all.filter(
  (file) => named.length > 0 || (withServers ? dependsOnServers(file) : !needsServers(file)),
);

/** Runs files in a process group of their own, of which nothing is left when this resolves. */
async function runTap(
  environment: Record<string, string>,
  some: readonly string[],
  more: readonly string[] = [],
): Promise<Totals> {
  if (some.length === 0) return { passed: 0, failed: 0 };
  const options = ['run', '--reporter=tap', ...(withServers ? ['--timeout=600'] : []), ...more];
  const tap = spawn(join(root, 'node_modules', '.bin', 'tap'), [...options, ...some], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const sweep = () => {
    try {
      if (tap.pid !== undefined) process.kill(-tap.pid, 'SIGKILL');
    } catch {
      // The group is empty: nothing was left behind.
    }
  };
  process.once('exit', sweep);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  const ended = new Promise<number>((resolve, reject) => {
    tap.once('error', reject);
    tap.once('exit', (code) => resolve(code ?? 1));
  });
  // What a test left running may hold the pipe open: with the runner ends everything.
  const [totals, code] = await Promise.all([reportTap(tap.stdout), ended.finally(sweep)]);
  if (code !== 0 && totals.failed === 0) totals.failed = 1;
  return totals;
}

/** Those that may run beside each other, then those that may not. */
async function runAll(environment: Record<string, string>): Promise<Totals> {
  const beside = await runTap(
    environment,
    files.filter((file) => !alone.has(file)),
  );
  const last = await runTap(
    environment,
    files.filter((file) => alone.has(file)),
    ['--jobs=1'],
  );
  return { passed: beside.passed + last.passed, failed: beside.failed + last.failed };
}

async function run(): Promise<Totals> {
  const absent = files.filter((file) => !existsSync(join(root, file)));
  if (absent.length > 0) throw new Error(`there is no ${absent.join(', ')}`);
  if (!withServers) return runAll({});
  const { openServers } = await import('./test-servers.ts');
  const servers = await openServers(process.env);
  try {
    return await runAll(servers.environment);
  } finally {
    await servers.stop();
  }
}

let totals: Totals;
try {
  totals = await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  totals = { passed: 0, failed: 1 };
}
if (totals.passed + totals.failed === 0) {
  console.error('no test ran');
  totals.failed = 1;
}
const left = all.length - files.length;
const elsewhere = withServers
  ? 'do the same without servers: npm test'
  : 'need real servers: npm run test:servers';
if (left > 0) console.log(`${left} files ${elsewhere}`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);
