/** Lets one at a time through, in the order of asking. */
export type Turns = {
  /** Resolves with the function that ends the turn; rejects when it has not come within `waitMs`. */
  take(waitMs: number): Promise<() => void>;
};

/** Turns for something that only one may use at a time. A wait that ends too late is an error, not a hang. */
export function createTurns(what: string): Turns {
  let taken = false;
  const waiting = new Set<() => void>();

  function end() {
    const [next] = waiting;
    if (next === undefined) {
      taken = false;
      return;
    }
    waiting.delete(next);
    next();
  }
  /** A turn ends once: a second call of the same function must not end somebody else's. */
  function once(): () => void {
    let over = false;
    return () => {
      if (over) return;
      over = true;
      end();
    };
  }

  return {
    take: (waitMs) =>
      new Promise((resolve, reject) => {
        if (!taken) {
          taken = true;
          resolve(once());
          return;
        }
        const start = () => {
          clearTimeout(timer);
          resolve(once());
        };
        const timer = setTimeout(() => {
          waiting.delete(start);
          reject(new Error(`${what} was not free within ${waitMs} ms`));
        }, waitMs);
        waiting.add(start);
      }),
  };
}
