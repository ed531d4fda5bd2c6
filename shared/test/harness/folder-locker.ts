/** A process that takes a folder, says whether it got it, and keeps it. usage: folder-locker.ts FOLDER */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { lockFolder } from '../../src/database/folder-lock.ts';

const [folder = ''] = process.argv.slice(2);
try {
  lockFolder(folder);
  // Nothing here refers to the lock: it must outlive the garbage.
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  await new Promise(setImmediate);
  console.log('taken');
  setInterval(() => {}, 60_000);
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
}
