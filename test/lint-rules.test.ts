import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';

const root = join(import.meta.dirname, '..');

/** Files that a rule must refuse, by what it is for. */
const refused: Record<string, { rule: string; files: Record<string, string> }> = {
  'the gateway imports no service': {
    rule: 'lint/style/noRestrictedImports',
    files: {
      'gateway/src/by-name.ts': "export { a } from '@vestibule/auth';",
      'gateway/src/by-module.ts': "import { a } from '@vestibule/user/config';\nexport const b = a;",
      'gateway/src/by-path.ts': "export { a } from '../../services/auth/src/index.ts';",
      'gateway/src/dialects/later.ts':
        "export const load = () => import('../../../services/user/src/index.ts');",
      'gateway/src/coming.ts': "export { a } from '@vestibule/process';",
    },
  },
  'the gateway knows no SQL': {
    rule: 'lint/style/noRestrictedImports',
    files: {
      'gateway/src/kysely.ts': "export { Kysely } from 'kysely';",
      'gateway/src/pg.ts': "export { Pool } from 'pg';",
      'gateway/src/pglite.ts': "export { PGlite } from '@electric-sql/pglite';",
    },
  },
  'a service imports no other one and no gateway': {
    rule: 'lint/style/noRestrictedImports',
    files: {
      'services/auth/src/by-name.ts': "export { a } from '@vestibule/user';",
      'services/auth/src/by-path.ts': "export { a } from '../../user/src/index.ts';",
      'services/auth/src/type.ts': "import type { A } from '@vestibule/user/tables';\nexport type B = A;",
      'services/user/src/migrations/deep.ts': "export { a } from '../../../auth/src/index.ts';",
      'services/user/src/up.ts': "export { a } from '@vestibule/gateway/app';",
      'services/coming/src/by-path.ts': "export { a } from '../../auth/src/index.ts';",
      'services/coming/src/by-name.ts': "export { a } from '@vestibule/auth';",
    },
  },
  'shared imports nobody': {
    rule: 'lint/style/noRestrictedImports',
    files: {
      'shared/src/by-name.ts': "export { a } from '@vestibule/user';",
      'shared/src/gateway.ts': "export { a } from '@vestibule/gateway/app';",
      'shared/src/by-path.ts': "export { a } from '../../services/user/src/index.ts';",
      'shared/test/harness/by-path.ts': "export { a } from '../../../gateway/src/index.ts';",
    },
  },
  'imports name the file as it is': {
    rule: 'lint/correctness/useImportExtensions',
    files: {
      'gateway/src/as-js.ts': "export { there } from './there.js';",
      'gateway/src/bare.ts': "export { there } from './there';",
    },
  },
  'the environment is read in one place': {
    rule: 'lint/style/noProcessEnv',
    files: {
      'gateway/src/environment.ts': 'export const a = process.env.PORT;',
      'services/auth/src/environment.ts': "import { env } from 'node:process';\nexport const a = env.PORT;",
    },
  },
  'no promise is left alone': {
    rule: 'lint/nursery/noFloatingPromises',
    files: {
      'shared/src/floating.ts':
        'async function work() {\n  return 1;\n}\nexport function start() {\n  work();\n}',
      'gateway/src/floating.ts':
        "import { later } from './there.ts';\nexport function start() {\n  later();\n}",
    },
  },
  'nothing speaks past the logger': {
    rule: 'lint/suspicious/noConsole',
    files: { 'services/user/src/console.ts': "export const say = () => console.log('here');" },
  },
  'a type says what it is': {
    rule: 'lint/suspicious/noExplicitAny',
    files: { 'shared/src/any.ts': 'export const first = (list: any) => list[0];' },
  },
  'absence is handled': {
    rule: 'lint/style/noNonNullAssertion',
    files: { 'shared/src/non-null.ts': 'export const first = (list: string[]) => list[0]!.length;' },
  },
  'imports go round in no circle': {
    rule: 'lint/suspicious/noImportCycles',
    files: {
      'shared/src/egg.ts': "import { hen } from './hen.ts';\nexport const egg = () => hen;",
      'shared/src/hen.ts': "import { egg } from './egg.ts';\nexport const hen = () => egg;",
    },
  },
  'no file is over 300 lines': {
    rule: 'lint/style/noExcessiveLinesPerFile',
    files: { 'shared/src/long.ts': 'export {};\n'.repeat(301) },
  },
};

/** Files that look alike and are right. */
const accepted: Record<string, string> = {
  'gateway/src/there.ts': 'export const there = 1;\nexport const later = async () => there;',
  'gateway/src/right.ts':
    "export { a } from '@vestibule/shared/contracts/auth';\nexport { there } from './there.ts';",
  'services/auth/src/index.ts': "export { a } from '@vestibule/shared/parts';",
  'services/user/src/index.ts': "export { b as a } from './rules/right.ts';",
  'services/user/src/rules/right.ts': 'export const b = 1;',
  'services/user/src/server.ts': 'export const a = process.env.PORT;',
  'main.ts': "export { a } from '@vestibule/gateway/app';\nexport { b } from '@vestibule/user/service';",
};

type Report = { diagnostics: { category: string; location: { path: string } }[] };

t.test('the linter', async (t) => {
  const folder = t.testdir();
  const files = Object.values(refused).flatMap((group) => Object.entries(group.files));
  for (const [path, text] of [...files, ...Object.entries(accepted)]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${text}\n`);
  }
  const rules = JSON.parse(await readFile(join(root, 'biome.json'), 'utf8'));
  // The folder is in no work tree of its own.
  await writeFile(join(folder, 'biome.json'), JSON.stringify({ ...rules, vcs: { enabled: false } }));
  const biome = join(root, 'node_modules', '.bin', 'biome');
  const report = await new Promise<Report>((resolve) => {
    const args = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
    execFile(biome, args, { cwd: folder, maxBuffer: 1e8 }, (_error, stdout) => resolve(JSON.parse(stdout)));
  });
  const found = (path: string) =>
    report.diagnostics
      .filter(({ location }) => location.path.replaceAll('\\', '/').endsWith(path))
      .map(({ category }) => category);

  for (const [purpose, { rule, files }] of Object.entries(refused)) {
    await t.test(purpose, async (t) => {
      for (const path of Object.keys(files)) t.ok(found(path).includes(rule), path);
    });
  }
  await t.test('what is right passes', async (t) => {
    for (const path of Object.keys(accepted)) t.same(found(path), [], path);
  });
});
