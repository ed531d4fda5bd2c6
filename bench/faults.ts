import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The last lines of the logs in a folder that tell of a fault. */
export function faultsIn(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.log'));
  const logged = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  return logged.filter((line) => /"level":"(error|fatal)"/.test(line)).slice(-5);
}
