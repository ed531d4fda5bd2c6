// Changes the rules of who gets in, who may guess on and to whom codes are sent, one small thing at a time, and
// sees which changes their tests notice: `mutation.ts [auth] [guard] [verification] [FILE...] [--again]`. Prints the score
// of each file and group; fails if a group that was run whole scores less than 85 %. What neither it nor its tests have
// changed is known from the last run, unless --again. The report stands in reports/mutation/mutation.html.
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import type { MutantResult } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { ruleGroups, testsOf } from './mutation/rules.ts';

const wanted = 85;
const args = process.argv.slice(2);
const again = args.includes('--again');
const named = args.filter((arg) => !arg.startsWith('--'));
const unknown = named.filter((name) => !(name in ruleGroups) && !testsOf.has(name));
if (unknown.length > 0) {
  console.error(`neither a group nor a file of rules: ${unknown.join(', ')}`);
  process.exit(2);
}
const groups = Object.entries(ruleGroups).map(([name, rules]) => ({
  name,
  files: Object.keys(rules).filter(
    (file) => named.length === 0 || named.includes(name) || named.includes(file),
  ),
}));

/** Of the mutants that can be told from the code as it is written, the hundredth part that a test noticed. */
function scoreOf(mutants: readonly MutantResult[]) {
  const count = (...statuses: MutantResult['status'][]) =>
    mutants.filter(({ status }) => statuses.includes(status)).length;
  const [killed, timeouts, survived, uncovered] = [
    count('Killed'),
    count('Timeout'),
    count('Survived'),
    count('NoCoverage'),
  ];
  const all = killed + timeouts + survived + uncovered;
  const score = all === 0 ? 100 : ((killed + timeouts) / all) * 100;
  return { score, killed, timeouts, survived, uncovered, ignored: count('Ignored') };
}

const mutants = await new Stryker({
  mutate: groups.flatMap(({ files }) => files),
  testRunner: 'tap-in-process',
  plugins: ['./scripts/mutation/tap-runner.ts', './scripts/mutation/log-lines.ts'],
  ignorers: ['log-lines'],
  coverageAnalysis: 'perTest',
  // TypeScript is stripped, and version 7 has no API that Stryker could rewrite its settings with.
  disableTypeChecks: false,
  tsconfigFile: 'none',
  ignorePatterns: ['.tap', 'bench', 'data', 'deploy', 'docs', 'reports'],
  concurrency: Math.max(1, Math.floor(availableParallelism() / 2)),
  // What a mutant left behind is not there for long.
  maxTestRunnerReuse: 50,
  // The runner has a time of its own for each test, which a busy machine does not shorten.
  timeoutMS: 300_000,
  dryRunTimeoutMinutes: 30,
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  force: again,
  reporters: ['html', 'json', 'progress'],
  thresholds: { high: 95, low: wanted, break: null },
  warnings: { slow: false, unknownOptions: true, preprocessorErrors: true, unserializableOptions: true },
  allowConsoleColors: false,
}).runMutationTest();

let failed = false;
const row = (...[name, ...figures]: [string, ...(string | number)[]]) =>
  console.log(name.padEnd(48) + figures.map((figure) => String(figure).padStart(10)).join(''));
row('', 'score', 'killed', 'timeouts', 'survived', 'uncovered', 'ignored');
for (const { name, files } of groups.filter(({ files }) => files.length > 0)) {
  const of = (some: readonly string[]) =>
    scoreOf(mutants.filter(({ fileName }) => some.includes(relative('', fileName))));
  const line = (label: string, { score, ...counts }: ReturnType<typeof of>) =>
    row(label, score.toFixed(1), ...Object.values(counts));
  for (const file of files) line(`  ${file}`, of([file]));
  const whole = of(files);
  line(name, whole);
  if (files.length === Object.keys(ruleGroups[name] ?? {}).length && whole.score < wanted) failed = true;
}
process.exit(failed ? 1 : 0);
