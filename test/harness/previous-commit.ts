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

const git = (...args: string[]) => run('git', ['-C', thisTree, ...args]);

const isCommit = (name: string) =>
  git('rev-parse', '--verify', '--quiet', `${name}^{commit}`).then(
    () => true,
    () => false,
  );

/**
 * A commit in a folder of its own, ready to run. Its packages are those of this tree where both lock the same ones,
 * and are installed otherwise.
 */
export async function treeOf(commit: string): Promise<{ tree: string; remove(): Promise<void> }> {
  if (!(await isCommit(commit))) throw new Error(`there is no commit ${commit}`);
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-commit-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const tree = join(folder, 'tree');
    await mkdir(tree);
    const archive = join(folder, 'tree.tar');
    await git('archive', '--output', archive, commit);
    await run('tar', ['-xf', archive, '-C', tree]);
    if ((await lockOf(tree)) === (await lockOf(thisTree))) await borrowPackages(tree);
    else await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: tree });
    return { tree, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * The commit before this one (`UPGRADE_FROM` names another; this one where the clone has none), as `treeOf` has it; gone
 * with the test.
 */
export async function previousCommit(t: Test): Promise<string> {
  const { UPGRADE_FROM } = process.env;
  const shallow = !UPGRADE_FROM && !(await isCommit('HEAD~1'));
  if (shallow) t.comment('the clone has no earlier commit: this one runs beside itself');
  const { tree, remove } = await treeOf(UPGRADE_FROM ?? (shallow ? 'HEAD' : 'HEAD~1'));
  t.teardown(remove);
  return tree;
}
