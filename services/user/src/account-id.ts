/** A random integer, `min` included, `max` not; `crypto.randomInt`, or a rigged one in tests. */
export type RandomInt = (min: number, max: number) => number;

/** More digits than this, and `crypto.randomInt` cannot draw them in one go. */
const mostDigits = 14;

/**
 * Ids to try for one new account, one after the other until one is free: random, so that nobody can tell a
 * neighbour's. `triesPerLength` taken ones in a row mean that this length is nearly full: then a digit more.
 */
export function createAccountIds({
  randomInt,
  digits,
  triesPerLength,
}: {
  randomInt: RandomInt;
  digits: number;
  triesPerLength: number;
}) {
  return function* accountIds(): Generator<number> {
    for (let length = digits; length <= mostDigits; length += 1) {
      for (let tries = 0; tries < triesPerLength; tries += 1) {
        yield randomInt(10 ** (length - 1), 10 ** length);
      }
    }
  };
}
export type AccountIds = ReturnType<typeof createAccountIds>;
