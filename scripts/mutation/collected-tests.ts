import type { Test } from 'tap';

/** A test of a file's top level, not run yet. */
export type CollectedTest = { file: string; name: string; body: (t: Test) => unknown };

type Body = CollectedTest['body'];

let loading = '';
const tests: CollectedTest[] = [];
const teardowns: (() => unknown)[] = [];

/** Loads a file of tests; answers those of its top level. */
export async function collectTests(file: string, load: () => Promise<unknown>): Promise<CollectedTest[]> {
  loading = file;
  await load();
  return tests.splice(0);
}

/** Ends what test files and their harness share. */
export async function tearDown(): Promise<void> {
  for (const end of teardowns.splice(0).reverse()) await end();
}

/** Stands in for tap's root where a test file imports it: what the file says there is run later, and again. */
export default {
  test(name: string, options: object | Body, body?: Body): void {
    const run = body ?? options;
    if (typeof run !== 'function') throw new Error(`${loading}: ${name} has no body`);
    tests.push({ file: loading, name, body: (t) => run(t) });
  },
  teardown(end: () => unknown): void {
    teardowns.push(end);
  },
};
