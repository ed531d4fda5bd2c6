import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

type Versions = Record<string, string>;
type Manifest = {
  name: string;
  scripts?: Versions;
  dependencies?: Versions;
  devDependencies?: Versions;
  optionalDependencies?: Versions;
};
type Locked = { version?: string; integrity?: string; link?: boolean; hasInstallScript?: boolean };

const root = join(import.meta.dirname, '..');
const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const manifests: Manifest[] = globSync('{.,gateway,shared,services/*}/package.json', { cwd: root }).map(read);
const locked = Object.entries<Locked>(read('package-lock.json').packages);
const ours = new Set(manifests.map(({ name }) => name));
const foreign = (versions: Versions = {}) => Object.entries(versions).filter(([name]) => !ours.has(name));
const used = manifests.flatMap(({ dependencies, optionalDependencies }) => [
  ...foreign(dependencies),
  ...foreign(optionalDependencies),
]);

t.test('every dependency is pinned to one version', async (t) => {
  t.equal(manifests.length, 7);
  t.ok(used.length > 30);
  for (const [name, version] of [...used, ...manifests.flatMap((one) => foreign(one.devDependencies))]) {
    t.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name);
  }
});

t.test('every package of the lock file has the hash that it must have', async (t) => {
  const packages = locked.filter(([path, { link }]) => path.includes('node_modules/') && !link);
  t.ok(packages.length > 400);
  for (const [path, { integrity }] of packages) t.match(integrity, /^sha512-[\w+/]{86}==$/, path);
});

t.test('nothing of it runs a script when it is installed', async (t) => {
  const running = locked.filter(([, { hasInstallScript }]) => hasInstallScript);
  t.strictSame(
    running.map(([path]) => path),
    [],
  );
  for (const { name, scripts = {} } of manifests) {
    for (const hook of ['preinstall', 'install', 'postinstall', 'prepare']) {
      t.notOk(hook in scripts, `${name}: ${hook}`);
    }
  }
});

t.test('npm run sbom names what runs in production, with hashes, and nothing else', async (t) => {
  const file = join(t.testdir(), 'sbom.json');
  execFileSync(process.execPath, [join(root, 'scripts', 'sbom.ts'), file]);
  const bom = JSON.parse(readFileSync(file, 'utf8'));
  t.match(bom, {
    bomFormat: 'CycloneDX',
    metadata: { component: { name: 'vestibule', type: 'application' } },
  });

  type Component = { purl: string; hashes?: { alg: string }[]; licenses?: unknown[] };
  const components: Component[] = bom.components;
  const purls = new Set(components.map(({ purl }) => purl));
  const purlOf = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`;
  for (const [name, version] of used) t.ok(purls.has(purlOf(name, version)), `${name}@${version}`);
  // What production and development both use belongs to it too; pg brings the last one along.
  for (const name of ['@resvg/resvg-js', 'ajv', 'pg-protocol']) {
    t.ok(
      [...purls].some((purl) => purl.startsWith(`pkg:npm/${name.replace('@', '%40')}@`)),
      name,
    );
  }
  for (const name of ['typescript', 'tap', '@biomejs/biome', 'fast-check', 'kubernetes-models']) {
    t.notOk(
      [...purls].some((purl) => purl.startsWith(`pkg:npm/${name.replace('@', '%40')}@`)),
      name,
    );
  }
  const others = components.filter(({ purl }) => !purl.startsWith('pkg:npm/%40vestibule/'));
  for (const { purl, hashes, licenses } of others) {
    t.match(hashes, [{ alg: 'SHA-512' }], purl);
    t.ok(licenses?.length, `${purl} has a licence`);
  }
  const refs = new Set([...components, bom.metadata.component].map((one) => one['bom-ref']));
  for (const { ref, dependsOn } of bom.dependencies) {
    t.ok(
      [ref, ...dependsOn].every((one: string) => refs.has(one)),
      ref,
    );
  }
});
