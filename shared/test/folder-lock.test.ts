import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { lockFolder } from '../src/database/folder-lock.ts';
import { startProgram } from './harness/child-program.ts';

async function newFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'folder-lock-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

t.test('a folder that another process has is refused in one line with folder and process', async (t) => {
  const folder = await newFolder(t);
  const holder = startProgram(t, 'folder-locker.ts', [folder]);
  t.equal(await holder.line(/./), 'taken');
  t.throws(() => lockFolder(folder), {
    message:
      `the data folder ${folder} is in use by process ${holder.child.pid}: the embedded database serves one ` +
      'process only (stop that one, set another DATA_DIR, or share a server by DATABASE_URL)',
  });
  await holder.kill();
});

t.test('the folder of a process that was killed can be taken at once', async (t) => {
  const folder = await newFolder(t);
  const holder = startProgram(t, 'folder-locker.ts', [folder]);
  t.equal(await holder.line(/./), 'taken');
  await holder.kill();
  lockFolder(folder)();
});

t.test('a folder that was given back can be taken again; twice in one process it cannot', async (t) => {
  const folder = await newFolder(t);
  const giveBack = lockFolder(folder);
  t.throws(() => lockFolder(folder), { message: new RegExp(`in use by process ${process.pid}:`) });
  giveBack();
  lockFolder(folder)();
});

t.test('of processes that start at the same instant on a killed one’s folder, one gets it', async (t) => {
  const folder = await newFolder(t);
  const first = startProgram(t, 'folder-locker.ts', [folder]);
  await first.line(/taken/);
  await first.kill();
  const holders = Array.from({ length: 6 }, () => startProgram(t, 'folder-locker.ts', [folder]));
  const said = await Promise.all(holders.map((holder) => holder.line(/./)));
  t.equal(said.filter((line) => line === 'taken').length, 1);
  t.equal(said.filter((line) => line?.startsWith(`the data folder ${folder} is in use by`)).length, 5);
  await Promise.all(holders.map((holder) => holder.kill()));
});

t.test('a folder that cannot be written says why', async (t) => {
  const folder = join(await newFolder(t), 'missing');
  t.throws(() => lockFolder(folder), { message: /unable to open database file/ });
});
