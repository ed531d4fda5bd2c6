import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { pgliteDatabase } from '../src/database/pglite.ts';
import { createLogger } from '../src/logger.ts';
import { startProgram } from './harness/child-program.ts';
import { pgliteTemplate } from './harness/pglite-template.ts';
import { until } from './harness/server-process.ts';
import { type Rows, rowsMigrations } from './suites/database-fixture.ts';

const logger = createLogger({ level: 'silent', name: 'test' });

async function newFolder(t: Test): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'pglite-folder-'));
  t.teardown(() => rm(parent, { recursive: true, force: true }));
  return join(parent, 'data');
}

async function openRows(dataDir: string, template?: Blob) {
  const database = await pgliteDatabase({ dataDir, logger, ...(template && { template }) });
  const db = await database.open<Rows>({ schema: 'rows', migrations: rowsMigrations });
  return { database, db };
}

t.test('rows are there after a restart', async (t) => {
  const folder = await newFolder(t);
  const first = await openRows(folder, await pgliteTemplate());
  await first.db.insertInto('rows').values({ id: 1, name: 'kept' }).execute();
  await first.database.close();
  const second = await openRows(folder);
  t.strictSame(await second.db.selectFrom('rows').selectAll().execute(), [
    { id: 1, name: 'kept', amount: 0 },
  ]);
  await second.database.close();
});

t.test('the data folder is made for its owner alone, one that exists stays as it is', async (t) => {
  const folder = await newFolder(t);
  await (await openRows(folder, await pgliteTemplate())).database.close();
  t.equal((await stat(folder)).mode & 0o777, 0o700);
  const existing = await newFolder(t);
  await mkdir(existing, { mode: 0o750 });
  await (await openRows(existing, await pgliteTemplate())).database.close();
  t.equal((await stat(existing)).mode & 0o777, 0o750);
});

t.test('a second process is refused, and goes on when the first one has closed', async (t) => {
  const folder = await newFolder(t);
  const { database } = await openRows(folder, await pgliteTemplate());
  const second = startProgram(t, 'database-writer.ts', [folder, '1']);
  t.match(await second.line(/./), `the data folder ${folder} is in use by process ${process.pid}:`);
  await second.ended;
  await database.close();
  const third = startProgram(t, 'database-writer.ts', [folder, '1']);
  t.equal(await third.line(/./), 'row 1');
  await third.kill();
});

t.test('however often the process is killed, every acknowledged row is there, and whole', async (t) => {
  const folder = await newFolder(t);
  await (await openRows(folder, await pgliteTemplate())).database.close();
  const acknowledged: number[] = [];
  for (const many of [1, 40, 150]) {
    const next = (acknowledged.at(-1) ?? 0) + 2;
    const writer = startProgram(t, 'database-writer.ts', [folder, String(next)]);
    await until(`${many} rows are acknowledged`, () => writer.lines.length >= many, 60_000);
    await writer.kill();
    acknowledged.push(...writer.lines.map((line) => Number(line.replace('row ', ''))));
  }
  const { database, db } = await openRows(folder);
  t.teardown(() => database.close());
  const rows = await db.selectFrom('rows').selectAll().orderBy('id').execute();
  const there = new Set(rows.map(({ id }) => id));
  t.ok(acknowledged.length >= 191);
  t.strictSame(
    acknowledged.filter((id) => !there.has(id)),
    [],
  );
  t.strictSame(
    rows.filter(({ id, amount }) => id !== amount),
    [],
  );
});
