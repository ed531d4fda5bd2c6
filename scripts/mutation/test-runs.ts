import type { Test, TestOpts } from 'tap';
import type { CollectedTest } from './collected-tests.ts';

const tickMs = 100;
/** A test that takes longer, many times what any does alone, is taken for one that never ends. */
const patienceMs = 6000;

/** How a test ended: with its first failure, null if it passed. */
export type Ended = { failure: string | null } | 'never ended';

/** Resolves when `work` does, or with `never ended`. Counts turns of the timer, so that a busy machine is waited for. */
async function patiently(work: Promise<Ended>): Promise<Ended> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<Ended>((resolve) => {
    let left = patienceMs / tickMs;
    timer = setInterval(() => {
      left -= 1;
      if (left <= 0) resolve('never ended');
    }, tickMs);
  });
  return Promise.race([work, over]).finally(() => clearInterval(timer));
}

/** tap's root tells the process above how long it may take, which Stryker would take for a word of its worker. */
async function loadTap(): Promise<typeof Test> {
  const { send } = process;
  delete process.send;
  try {
    const tap = await import('tap');
    tap.t.setTimeout(0);
    return tap.Test;
  } finally {
    if (send) process.send = send;
  }
}

async function run(TapTest: typeof Test, { name, body }: CollectedTest): Promise<Ended> {
  const options: TestOpts = { name: 'mutation', timeout: 0 };
  const root = new TapTest(options);
  root.resume();
  const results = await root.test(name, async (t) => {
    t.setTimeout(0);
    await body(t);
  });
  root.end();
  if (results?.ok) return { failure: null };
  const [first] = results?.failures ?? [];
  return { failure: first?.fullname ?? first?.name ?? name };
}

/** Runs tests one after the other, each with a root of its own. */
export function createTestRuns(): (test: CollectedTest) => Promise<Ended> {
  let tap: Promise<typeof Test> | undefined;
  return async (test) => {
    tap ??= loadTap();
    return patiently(run(await tap, test));
  };
}
