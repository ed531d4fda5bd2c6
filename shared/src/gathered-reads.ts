/** Keys that one fetch is asked for at most. */
const mostKeys = 100;

type Gathered<Key, Found> = { keys: Set<Key>; found: Promise<ReadonlyMap<Key, Found>> };

/**
 * Reads of one kind that are asked for in one turn of the event loop, fetched together: null is what was not found. A
 * fetch begins after each of its reads was asked for, and nobody who asks later gets its answer; its error is that of
 * all its reads.
 */
export function gatherReads<Key extends string | number, Found>(
  fetch: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Found>>,
  most = mostKeys,
): (key: Key) => Promise<Found | null> {
  let open: Gathered<Key, Found> | undefined;

  function begin(): Gathered<Key, Found> {
    const keys = new Set<Key>();
    const turn = new Promise<void>((resolve) => {
      setImmediate(() => {
        if (open?.keys === keys) open = undefined;
        resolve();
      });
    });
    return { keys, found: turn.then(() => fetch([...keys])) };
  }

  return async (key) => {
    if (open === undefined || open.keys.size >= most) open = begin();
    const { keys, found } = open;
    keys.add(key);
    return (await found).get(key) ?? null;
  };
}
