import { storableText } from './contracts/account.ts';

const storable = new RegExp(storableText);
/** Levels of a value at most: Postgres reads what is nested by recursion. */
const deepest = 64;

function holdsStorableText(value: unknown, levels: number): boolean {
  if (typeof value === 'string') return storable.test(value);
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  return Object.entries(value).every(
    ([name, part]) => storable.test(name) && holdsStorableText(part, levels - 1),
  );
}

/**
 * Whether a value that came from JSON can be stored as JSON and found again as it was: no text or name that
 * Postgres refuses or UTF-8 cannot hold, at most 64 levels, at most `maxBytes` bytes in UTF-8.
 */
export function isStorableJson(value: unknown, maxBytes: number): boolean {
  return holdsStorableText(value, deepest) && Buffer.byteLength(JSON.stringify(value)) <= maxBytes;
}
