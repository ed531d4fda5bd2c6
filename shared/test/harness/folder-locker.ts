/** A process that takes a folder, says whether it got it, and keeps it. usage: folder-locker.ts FOLDER */
import { lockFolder } from '../../src/database/folder-lock.ts';

const [folder = ''] = process.argv.slice(2);
try {
  lockFolder(folder);
  console.log('taken');
  setInterval(() => {}, 60_000);
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
}
