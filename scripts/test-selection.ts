import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** Who opens for a test what the environment names: servers, or the embedded default. */
const opener = join(root, 'shared/test/harness/parts.ts');
/** They have another file that does the same on servers. */
const embeddedOnly = new Set(['test/set-role.test.ts']);

const imported = /\b(?:from|import)\s*\(?\s*'([^']+)'/g;

/** The file of ours that an import names; null: somebody else's. */
function fileOf(name: string, importer: string): string | null {
  if (name.startsWith('.')) return join(dirname(importer), name);
  const [, workspace, path = 'index'] = /^@vestibule\/([a-z]+)(?:\/(.+))?$/.exec(name) ?? [];
  if (workspace === undefined) return null;
  const folder = join(root, existsSync(join(root, 'services', workspace)) ? 'services' : '', workspace);
  const [first, ...rest] = path.split('/');
  if (first !== 'test') return `${join(folder, 'src', path)}.ts`;
  return `${join(folder, workspace === 'shared' ? 'test/harness' : 'test', ...rest)}.ts`;
}

function reaches(file: string, seen: Set<string>): boolean {
  if (file === opener) return true;
  if (seen.has(file) || !existsSync(file)) return false;
  seen.add(file);
  return [...readFileSync(file, 'utf8').matchAll(imported)].some(([, name = '']) => {
    const next = fileOf(name, file);
    return next !== null && reaches(next, seen);
  });
}

/** Whether a test comes to anything else on real servers than on the embedded default. */
export const dependsOnServers = (file: string): boolean =>
  file.endsWith('.servers.test.ts') || (!embeddedOnly.has(file) && reaches(join(root, file), new Set()));
