import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Test } from 'tap';

const run = promisify(execFile);
const thisTree = fileURLToPath(new URL('../../', import.meta.url));
/** Where npm puts links to the parts of the tree itself. */
const ownParts = '@vestibule';

const lockOf = (tree: string) => readFile(join(tree, 'package-lock.json'), 'utf8');

/** The packages of this tree, with the other tree's own parts. */
async function borrowPackages(tree: string): Promise<void> {
  const [from, to] = [join(thisTree, 'node_modules'), join(tree, 'node_modules')];
  await mkdir(to);
  await cp(join(from, ownParts), join(to, ownParts), { recursive: true, verbatimSymlinks: true });
  const names = (await readdir(from)).filter((name) => name !== ownParts);
  await Promise.all(names.map((name) => symlink(join(from, name), join(to, name))));
}

/**
 * The commit before this one (`UPGRADE_FROM` names another; this one where the clone has none) in a folder of its own, ready to run; gone with the test.
 * Its packages are those of this tree where both lock the same ones, and are installed otherwise.
 */
export async function previousCommit(t: Test): Promise<string> {
  const git = (...args: string[]) => run('git', ['-C', thisTree, ...args]);
  const isThere = (name: string) =>
    git('rev-parse', '--verify', '--quiet', `${name}^{commit}`).then(
      () => true,
      () => false,
    );
  const { UPGRADE_FROM } = process.env;
  if (UPGRADE_FROM && !(await isThere(UPGRADE_FROM))) throw new Error(`there is no commit ${UPGRADE_FROM}`);
  const shallow = !UPGRADE_FROM && !(await isThere('HEAD~1'));
  if (shallow) t.comment('the clone has no earlier commit: this one runs beside itself');
  const commit = UPGRADE_FROM ?? (shallow ? 'HEAD' : 'HEAD~1');
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-previous-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const tree = join(folder, 'tree');
  await mkdir(tree);
  const archive = join(folder, 'tree.tar');
  await git('archive', '--output', archive, commit);
  await run('tar', ['-xf', archive, '-C', tree]);
  if ((await lockOf(tree)) === (await lockOf(thisTree))) await borrowPackages(tree);
  else await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: tree });
  return tree;
}
