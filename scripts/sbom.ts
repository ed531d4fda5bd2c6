// Writes what runs in production, with versions, licences and hashes, as CycloneDX. usage: npm run sbom [-- FILE]
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

type Reference = { ref: string; dependsOn: string[] };
type Component = { 'bom-ref': string; name: string };
type Bom = {
  metadata: { component: Component };
  components: Component[];
  dependencies: Reference[];
};
type Lock = { packages: Record<string, { name?: string; version?: string; dev?: boolean; link?: boolean }> };

const root = join(import.meta.dirname, '..');
const file = resolve(process.argv[2] ?? join(root, 'sbom.cdx.json'));

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(root, name), 'utf8'));
}

/** `name@version` of all that the lock file has and that is not there for development alone. */
function inProduction({ packages }: Lock): ReadonlySet<string> {
  const entries = Object.entries(packages).filter(([, { dev, link }]) => !dev && !link);
  return new Set(
    entries.map(([path, { name, version }]) => `${name ?? path.split('node_modules/').at(-1)}@${version}`),
  );
}

// `--omit dev` would leave out what production and development both use.
const options = [
  '--sbom-format=cyclonedx',
  '--sbom-type=application',
  '--package-lock-only',
  '--loglevel=error',
];
const bom: Bom = JSON.parse(
  execFileSync('npm', ['sbom', ...options], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 }),
);
const { name } = read<{ name: string }>('package.json');
const kept = inProduction(read('package-lock.json'));
const isKept = (ref: string) => kept.has(ref);

const components = bom.components.filter((component) => isKept(component['bom-ref']));
const dependencies = bom.dependencies
  .filter(({ ref }) => isKept(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isKept) }));
// npm calls it by the folder that it lies in.
const metadata = { ...bom.metadata, component: { ...bom.metadata.component, name } };
writeFileSync(file, `${JSON.stringify({ ...bom, metadata, components, dependencies }, null, 2)}\n`);
console.log(`${file}: ${components.length} components`);
