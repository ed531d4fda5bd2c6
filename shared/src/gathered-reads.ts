import { gatherTurn } from './gathered-turns.ts';

/** Keys that one fetch is asked for at most. */
const mostKeys = 100;
/** Those who share a read at most: each is named in the log. */
const mostAskers = 32;

/**
 * Reads of one kind that are asked for in one turn of the event loop, fetched together: null is what was not found. A
 * fetch begins after each of its reads was asked for, and nobody who asks later gets its answer; its error is that of
 * all its reads.
 */
export function gatherReads<Key extends string | number, Found>(
  fetch: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Found>>,
  most = mostKeys,
): (key: Key) => Promise<Found | null> {
  const ask = gatherTurn({
    begin: (first: Key) => new Set([first]),
    add: (keys, next) => void keys.add(next),
    isFull: (keys) => keys.size >= most,
    work: (keys) => fetch([...keys]),
  });
  return async (key) => (await ask(key)).get(key) ?? null;
}

/**
 * One and the same read, asked for by several in one turn of the event loop, done once for them all. `key` says which are
 * the same; `read` is told who asks, at most `most` of them. It begins after each of them has asked, and nobody who asks
 * later gets its answer; its error is that of all of them.
 */
export function shareReads<Asker, Found>(
  read: (askers: readonly [Asker, ...Asker[]]) => Promise<Found>,
  most = mostAskers,
): (key: string, asker: Asker) => Promise<Found> {
  const open = new Map<string, (asker: Asker) => Promise<Found>>();

  function shared(key: string) {
    const ask = gatherTurn({
      begin: (first: Asker): [Asker, ...Asker[]] => [first],
      add: (askers, next) => void askers.push(next),
      isFull: (askers) => askers.length >= most,
      work: (askers) => {
        if (open.get(key) === ask) open.delete(key);
        return read(askers);
      },
    });
    open.set(key, ask);
    return ask;
  }

  return (key, asker) => (open.get(key) ?? shared(key))(asker);
}
