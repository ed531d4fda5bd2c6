/** Tries that are counted and not yet known to be right or wrong, by the keys that they are counted under. */
export type InFlight = {
  /** Notes that a try is under way; the function that is answered notes its end. */
  begin(keys: readonly string[]): () => void;
  /** How many tries have ended so far. */
  ended(): number;
  /** Resolves when a try of the key ends, but not for more than one of those who wait; null when none is under way. */
  nextEnd(key: string): Promise<void> | null;
};

type Line = { underWay: number; waiting: (() => void)[] };

/**
 * Lets tries wait for those before them. One is woken for each end, since an end frees one place at most; the
 * last end wakes all, since nobody would wake them later.
 */
export function createInFlight(): InFlight {
  const lines = new Map<string, Line>();
  let ended = 0;

  function leave(key: string, line: Line): void {
    line.underWay -= 1;
    const last = line.underWay === 0;
    if (last) lines.delete(key);
    for (const wake of line.waiting.splice(0, last ? line.waiting.length : 1)) wake();
  }

  return {
    begin(keys) {
      const entered = keys.map((key) => {
        const line = lines.get(key) ?? { underWay: 0, waiting: [] };
        lines.set(key, line);
        line.underWay += 1;
        return { key, line };
      });
      return () => {
        ended += 1;
        for (const { key, line } of entered) leave(key, line);
      };
    },
    ended: () => ended,
    nextEnd(key) {
      const line = lines.get(key);
      return line ? new Promise((resolve) => line.waiting.push(resolve)) : null;
    },
  };
}
