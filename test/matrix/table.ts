import { type KindName, kindNames, type Meant } from './callers.ts';

/** An operation as a table names it: its method, its path, and its action where the path has several. */
export type Row = {
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  meant: Meant;
  /** The word of each cell. */
  cells: Readonly<Record<KindName, string>>;
};

const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const;
const meants = ['normal', 'repair', 'admin'] as const;

function oneOf<T extends string>(words: readonly T[], word: string | undefined, line: string): T {
  const found = words.find((one) => one === word);
  if (found === undefined) throw new Error(`${word} is none of ${words.join(', ')}: ${line}`);
  return found;
}

const cut = (line: string) => line.split('|').map((cell) => cell.trim());

/** Reads a table: a line of column names, and a line per operation. Each kind of caller has its column. */
export function readTable(text: string): Row[] {
  const [first = '', ...lines] = text.trim().split('\n');
  const [, , ...columns] = cut(first);
  const missing = kindNames.filter((name) => !columns.includes(name));
  if (missing.length > 0) throw new Error(`the table has no column for ${missing.join(', ')}`);
  return lines.map((line) => {
    const [name = '', meant, ...words] = cut(line);
    const [method, path = ''] = name.split(' ');
    if (words.length !== columns.length || words.includes(''))
      throw new Error(`not every cell is there: ${line}`);
    const pairs = columns.map((column, index) => [oneOf(kindNames, column, first), words[index]]);
    // Every kind has a column, and every column its word.
    const cells = Object.fromEntries(pairs) as Row['cells'];
    return { name, method: oneOf(methods, method, line), path, meant: oneOf(meants, meant, line), cells };
  });
}
