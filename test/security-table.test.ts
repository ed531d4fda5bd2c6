import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const quoted = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The cells of those tables of SECURITY.md whose last column says which tests show what the row says. */
function rowsWithTests(): string[][] {
  const lines = read('SECURITY.md').split('\n');
  const rows: string[][] = [];
  let inside = false;
  for (const line of lines) {
    if (!line.startsWith('|')) inside = false;
    else if (/\| shown by \|$/.test(line)) inside = true;
    else if (inside && !/^[| -]+$/.test(line)) rows.push(line.slice(2, -2).split(' | '));
  }
  return rows;
}

/** Whether a file has a test of that name: `refuses` makes them too, and those of the matrix are rows of its tables. */
function holds(file: string, name: string): boolean {
  const text = read(file);
  return file.startsWith('test/matrix/')
    ? new RegExp(`^${quoted(name)} +\\|`, 'm').test(text)
    : new RegExp(`\\b(?:test|refuses)\\(\\s*(['"\`])${quoted(name)}\\1`).test(text);
}

const rows = rowsWithTests();
const inProse = [...read('SECURITY.md').matchAll(/\((`[\w./-]+\.test\.ts`: [^)]+)\)/g)].map(([, one = '']) =>
  one.replaceAll('\n', ' '),
);

t.test('SECURITY.md lists the holes, each with how it is closed and what shows it', async (t) => {
  t.ok(rows.length >= 60, `${rows.length} rows`);
  for (const row of rows) {
    const filled = row.filter((cell) => cell.trim() !== '');
    t.equal(filled.length, 3, row.join(' | '));
  }
});

t.test('each test that SECURITY.md names is there', async (t) => {
  const shown = [...rows.flatMap(([, , tests = '']) => tests.split('<br>')), ...inProse];
  t.ok(shown.length >= 150);
  for (const one of shown) {
    const [, file = '', name = ''] = /^`([\w./-]+\.ts)`: (.+)$/.exec(one.trim()) ?? [];
    t.ok(file !== '' && existsSync(join(root, file)) && holds(file, name), one);
  }
});

t.test('each file that SECURITY.md names is there', async (t) => {
  const files = [...read('SECURITY.md').matchAll(/(?:`|\]\()((?:[\w-]+\/)+[\w.-]+\.\w+)(?:`|\))/g)];
  t.ok(files.length >= 100);
  for (const [, file = ''] of files) t.ok(existsSync(join(root, file)), file);
});
