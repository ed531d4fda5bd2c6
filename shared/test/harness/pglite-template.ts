import { existsSync, openAsBlob, readFileSync } from 'node:fs';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

const packageFile = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'));
const { version }: { version: string } = JSON.parse(readFileSync(packageFile, 'utf8'));
const folder = join(import.meta.dirname, '../../../node_modules/.cache/vestibule');
const file = join(folder, `pglite-${version}.tar`);

/** An empty embedded database as a file: loading it takes a fifth of making one. Made once per machine. */
export async function pgliteTemplate(): Promise<Blob> {
  if (!existsSync(file)) {
    const pglite = await PGlite.create();
    const dump = await pglite.dumpDataDir('none');
    await pglite.close();
    await mkdir(folder, { recursive: true });
    // Put there when whole, and never in place of another process's: a Blob that is open on it would break.
    const part = `${file}.${process.pid}`;
    await writeFile(part, Buffer.from(await dump.arrayBuffer()));
    await link(part, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(part);
  }
  return openAsBlob(file);
}
