/** A number from `low` to below `high` that nobody can guess. */
export type Random = (low: number, high: number) => number;

/** A picture takes some sixty numbers: asked for one by one they would cost more than the rest of it. */
const pageSize = 1024;

/** `fill` makes a page of 32-bit numbers random, like `randomFillSync` of node:crypto. */
export function createRandom(fill: (page: Uint32Array) => void): Random {
  const page = new Uint32Array(pageSize);
  let used = pageSize;
  return (low, high) => {
    if (used === pageSize) {
      fill(page);
      used = 0;
    }
    const number = page[used] ?? 0;
    used += 1;
    return low + (number / 2 ** 32) * (high - low);
  };
}
