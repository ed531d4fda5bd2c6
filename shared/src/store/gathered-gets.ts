import type { Store } from './store.ts';

type Asker = {
  keys: readonly string[];
  resolve: (values: (string | null)[]) => void;
  reject: (error: unknown) => void;
};

/**
 * Asks the store once for what everybody wants in one turn of the event loop. It is asked after all of them have:
 * nobody gets a value from before the question. A failure is everybody's.
 */
export function gatherGets(load: Store['getMany']): Store['getMany'] {
  let askers: Asker[] = [];

  function ask(): void {
    const asking = askers;
    askers = [];
    load(asking.flatMap(({ keys }) => keys)).then(
      (values) => {
        let from = 0;
        for (const { keys, resolve } of asking) {
          resolve(values.slice(from, from + keys.length));
          from += keys.length;
        }
      },
      (error: unknown) => {
        for (const { reject } of asking) reject(error);
      },
    );
  }

  return (keys) =>
    new Promise((resolve, reject) => {
      if (askers.length === 0) setImmediate(ask);
      askers.push({ keys, resolve, reject });
    });
}
