import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';

const chart = join(import.meta.dirname, '..', 'vestibule');
const folder = join(import.meta.dirname, '..', 'examples');

/** What Helm remembers of clusters stays out of the user's folders. */
const home = mkdtempSync(join(tmpdir(), 'helm-'));
process.once('exit', () => rmSync(home, { recursive: true, force: true }));

/** Names of the values files in deploy/helm/examples. */
export const examples: readonly string[] = globSync('*.yaml', { cwd: folder })
  .map((file) => basename(file, '.yaml'))
  .sort();

export const parts = ['gateway', 'auth', 'user', 'verification', 'process'] as const;

/** An object of Kubernetes; what it holds is compared with literals. */
export type Rendered = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> };
  spec?: Record<string, unknown>;
  data?: Record<string, string>;
};

const values = (example: string) => ['--values', join(folder, `${example}.yaml`)];

/** Runs the Helm that .ci/chart names; rejects with what it says on its standard error. */
async function helm(args: readonly string[]): Promise<string> {
  const { HELM, PATH } = process.env;
  if (HELM === undefined) throw new Error('HELM is not set: .ci/chart runs these tests');
  // No cluster that this user knows is ever asked.
  const env = { PATH, HOME: home, KUBECONFIG: '/dev/null' };
  const { stdout } = await promisify(execFile)(HELM, [...args], { env, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

export const lint = (example: string): Promise<string> =>
  helm(['lint', '--strict', ...values(example), chart]);

/** All objects of the chart with the values of an example, for the release `vestibule` in `accounts`. */
export async function render(example: string, ...args: string[]): Promise<Rendered[]> {
  const text = await helm(['template', 'vestibule', chart, '-n', 'accounts', ...values(example), ...args]);
  return parseAllDocuments(text)
    .map((document): Rendered | null => {
      if (document.errors[0]) throw document.errors[0];
      return document.toJS();
    })
    .filter((object) => object !== null);
}

/** The one object of this kind and name. */
export function only(objects: readonly Rendered[], kind: string, name: string): Rendered {
  const [object, ...others] = objects.filter(
    (candidate) => candidate.kind === kind && candidate.metadata.name === name,
  );
  if (object === undefined || others.length > 0)
    throw new Error(`${others.length} more than one ${kind} ${name}`);
  return object;
}
