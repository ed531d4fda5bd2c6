import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

const root = join(import.meta.dirname, '..');

/** What a program sees that the launcher starts, with these variables. `env` drops what tap adds to NODE_OPTIONS. */
function seen(expression: string, ...variables: string[]): string {
  const launcher = join(root, 'bin', 'launch.mjs');
  const cleared = ['-u', 'NODE_OPTIONS', '-u', 'MALLOC_ARENA_MAX', ...variables];
  const command = [...cleared, process.execPath, launcher, 'node', '--print', expression];
  return execFileSync('env', command, { encoding: 'utf8' }).trim();
}

const options = 'process.env.NODE_OPTIONS';
const arenas = 'process.env.MALLOC_ARENA_MAX';

t.test('what the launcher starts keeps little memory that it does not use', async (t) => {
  t.equal(seen(options), '--max-semi-space-size=8');
  t.equal(seen(arenas), '2');
});

t.test('who sets these options keeps them', async (t) => {
  t.equal(seen(options, 'NODE_OPTIONS=--no-warnings'), '--no-warnings');
  t.equal(seen(arenas, 'MALLOC_ARENA_MAX=8'), '8');
});

t.test('the image has the same options as the launcher', async (t) => {
  const image = readFileSync(join(root, 'Dockerfile'), 'utf8');
  t.match(image, /^ +NODE_OPTIONS=--max-semi-space-size=8 /m);
  t.match(image, /^ +MALLOC_ARENA_MAX=2 /m);
});
