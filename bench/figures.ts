// Measures again what docs/performance.md tells, a part after the other, and writes it there: `figures.ts [PART...]`.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs', 'performance.md');

/** The sections of the page, and what is measured for each. */
const sections: Readonly<Record<string, string>> = {
  servers: '--runs 7 --seconds 8',
  sizes: 'read list-first list-middle list-last search --accounts 10000,100000,1000000',
  embedded: '--embedded --no-yardstick',
  'replicas-2':
    'read login list-first mix --no-yardstick --replicas gateway=2,auth=2,user=2,verification=2,process=2',
  'replicas-3':
    'read login list-first mix --no-yardstick --replicas gateway=3,auth=3,user=3,verification=3,process=3',
  hour: '--minutes 60',
};

/** Pictures beside the page, of which run and process. */
const flames: Readonly<Record<string, string>> = {
  'flame-gateway.svg': 'read-gateway.svg',
  'flame-user.svg': 'read-user.svg',
  'flame-auth.svg': 'login-auth.svg',
};

const bench = (...args: string[]) =>
  execFileSync(process.execPath, [join(root, 'bench', 'run.ts'), ...args], { stdio: 'inherit' });

function drawFlames(): void {
  const folder = mkdtempSync(join(tmpdir(), 'vestibule-flames-'));
  try {
    bench('read', 'login', '--no-yardstick', '--runs', '1', '--profile', folder);
    for (const [target, source] of Object.entries(flames)) {
      copyFileSync(join(folder, source), join(root, 'docs', target));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const known = [...Object.keys(sections), 'flames'];
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(', ')}; parts are ${known.join(', ')}`);
  process.exit(1);
}
for (const name of asked.length > 0 ? asked : known) {
  const args = sections[name];
  if (args === undefined) drawFlames();
  else bench(...args.split(' '), '--report', page, '--section', name);
}
