/** One kind of request: resolves to `good`, or to what was wrong with its answer in a word or two. */
export type Ask = { name: string; ask: () => Promise<string> };

/** How one request went; `atMs` by `performance.now()`. */
export type Asked = { name: string; atMs: number; ms: number; outcome: string };

/**
 * Asks `perSecond` times a second, whatever becomes of the earlier ones, each kind in its turn, until `signal` says
 * that it is enough; resolves when the last has ended. The outcome of a request that fails is its error.
 */
export async function pacedLoad(
  asks: readonly Ask[],
  { perSecond, signal }: { perSecond: number; signal: AbortSignal },
): Promise<Asked[]> {
  const begin = performance.now();
  const running: Promise<Asked>[] = [];
  const askOnce = async ({ name, ask }: Ask): Promise<Asked> => {
    const atMs = performance.now();
    const outcome = await ask().catch((error: unknown) => `no answer: ${error}`);
    return { name, atMs, ms: performance.now() - atMs, outcome };
  };
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (signal.aborted) {
        clearInterval(timer);
        resolve();
        return;
      }
      const due = ((performance.now() - begin) / 1000) * perSecond;
      while (running.length < due) {
        const next = asks[running.length % asks.length];
        if (next) running.push(askOnce(next));
      }
    }, 5);
  });
  return Promise.all(running);
}

const isGood = ({ outcome }: Asked) => outcome === 'good';

/** The part of these that went well; 1 of none. */
export const goodPart = (asked: readonly Asked[]): number =>
  asked.length === 0 ? 1 : asked.filter(isGood).length / asked.length;

/** Milliseconds within which this part of them was answered; 0 of none. */
export function withinMs(asked: readonly Asked[], part: number): number {
  const sorted = asked.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}

/** What was not good, and how often: `12 login 503, 1 read no answer: ECONNRESET`. */
export function faultsOf(asked: readonly Asked[]): string {
  const counts = new Map<string, number>();
  for (const one of asked) {
    if (isGood(one)) continue;
    const what = `${one.name} ${one.outcome}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => `${count} ${what}`).join(', ') || 'none';
}
