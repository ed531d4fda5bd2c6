/** Keys that one fetch is asked for at most. */
const mostKeys = 100;
/** Those who share a read at most: each is named in the log. */
const mostAskers = 32;

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

type Shared<Asker, Found> = { askers: [Asker, ...Asker[]]; found: Promise<Found> };

/**
 * One and the same read, asked for by several in one turn of the event loop, done once for them all. `key` says which are
 * the same; `read` is told who asks, at most `most` of them. It begins after each of them has asked, and nobody who asks later gets
 * its answer; its error is that of all of them.
 */
export function shareReads<Asker, Found>(
  read: (askers: readonly [Asker, ...Asker[]]) => Promise<Found>,
  most = mostAskers,
): (key: string, asker: Asker) => Promise<Found> {
  const open = new Map<string, Shared<Asker, Found>>();

  function begin(key: string, asker: Asker): Promise<Found> {
    const askers: Shared<Asker, Found>['askers'] = [asker];
    const turn = new Promise<void>((resolve) => {
      setImmediate(() => {
        if (open.get(key)?.askers === askers) open.delete(key);
        resolve();
      });
    });
    const found = turn.then(() => read(askers));
    open.set(key, { askers, found });
    return found;
  }

  return (key, asker) => {
    const same = open.get(key);
    if (same === undefined || same.askers.length >= most) return begin(key, asker);
    same.askers.push(asker);
    return same.found;
  };
}
