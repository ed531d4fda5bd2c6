import type { Test } from 'tap';
import type { Store } from '../../src/store/store.ts';

export type StoreFixture = {
  /** Two clients of the same data; of the memory store, the same one twice. */
  store: Store;
  other: Store;
  /** Lets time go by for the data of this test. */
  pass: (ms: number) => Promise<void>;
};

/** Opens an empty store for one test, and closes it at its end. */
export type OpenStore = (t: Test) => Promise<StoreFixture>;

/** `count` times the same, begun at once, by turns through the two clients. */
export function atOnce<T>(
  { store, other }: StoreFixture,
  count: number,
  run: (store: Store) => Promise<T>,
): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => run(index % 2 === 0 ? store : other)));
}
