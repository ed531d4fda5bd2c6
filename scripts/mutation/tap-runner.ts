import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InstrumenterContext } from '@stryker-mutator/api/core';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { type CollectedTest, collectTests, tearDown } from './collected-tests.ts';
import { hookModules } from './module-hooks.ts';
import { testsOf } from './rules.ts';
import { createTestRuns } from './test-runs.ts';

declare global {
  /** What Stryker's mutated code reads and counts in. */
  var __stryker__: InstrumenterContext | undefined;
}

/** Stands in for tests that are still running: they could go on with the next mutant. */
const spoiled = new Error('a test of an earlier mutant never ended');

/**
 * Runs the project's tap files within Stryker's worker: they are loaded once, and of their tests those are run
 * that reach the mutant. A process for each file and mutant, as tap's own runner has it, takes twenty times as long.
 */
function createTapRunner(): TestRunner {
  const sandbox = process.cwd();
  const context: InstrumenterContext = {};
  globalThis.__stryker__ = context;
  const loaded = new Map<string, CollectedTest[]>();
  let isSpoiled = false;
  const runTest = createTestRuns();

  async function testsIn(file: string): Promise<CollectedTest[]> {
    const known = loaded.get(file);
    if (known) return known;
    delete context.currentTestId;
    const tests = await collectTests(file, () => import(pathToFileURL(join(sandbox, file)).href));
    loaded.set(file, tests);
    return tests;
  }

  const idOf = ({ file, name }: CollectedTest) => `${file} > ${name}`;

  async function run(
    files: readonly string[],
    { only, bail, hitLimit }: { only?: ReadonlySet<string>; bail: boolean; hitLimit?: number | undefined },
  ): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    for (const file of files) {
      for (const test of await testsIn(file)) {
        const id = idOf(test);
        if (only && !only.has(id)) continue;
        context.currentTestId = id;
        const begun = performance.now();
        const ended = await runTest(test);
        const over = determineHitLimitReached(context.hitCount, hitLimit);
        if (ended === 'never ended') isSpoiled = true;
        if (over) return over;
        if (ended === 'never ended') return { status: DryRunStatus.Timeout, reason: `${id} never ended` };
        const result = {
          id,
          name: id,
          fileName: join(sandbox, file),
          timeSpentMs: performance.now() - begun,
        };
        if (ended.failure === null) tests.push({ ...result, status: TestStatus.Success });
        else tests.push({ ...result, status: TestStatus.Failed, failureMessage: ended.failure });
        if (bail && ended.failure !== null) return { status: DryRunStatus.Complete, tests };
      }
    }
    return { status: DryRunStatus.Complete, tests };
  }

  return {
    capabilities: () => ({ reloadEnvironment: false }),

    async init() {
      hookModules({ project: join(import.meta.dirname, '../..'), sandbox });
    },

    async dryRun({ files = [] }) {
      const mutated = files.map((file) => relative(sandbox, file));
      const testFiles = [...new Set(mutated.flatMap((file) => testsOf.get(file) ?? []))];
      const result = await run(testFiles, { bail: false });
      if (result.status !== DryRunStatus.Complete) return result;
      return { ...result, mutantCoverage: context.mutantCoverage ?? { static: {}, perTest: {} } };
    },

    async mutantRun({
      activeMutant,
      testFilter,
      sandboxFileName,
      hitLimit,
      mutantActivation,
    }: MutantRunOptions) {
      if (isSpoiled) throw spoiled;
      const files = testsOf.get(relative(sandbox, sandboxFileName)) ?? [];
      if (mutantActivation === 'runtime') for (const file of files) await testsIn(file);
      context.activeMutant = activeMutant.id;
      context.hitCount = 0;
      if (hitLimit !== undefined) context.hitLimit = hitLimit;
      else delete context.hitLimit;
      const only = testFilter && new Set(testFilter);
      const result = await run(files, { bail: true, hitLimit, ...(only && { only }) });
      delete context.activeMutant;
      return toMutantRunResult(result);
    },

    dispose: tearDown,
  };
}
createTapRunner.inject = [] as const;

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, 'tap-in-process', createTapRunner),
];
