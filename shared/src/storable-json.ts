import { storableText } from './contracts/account.ts';

const storable = new RegExp(storableText);
/** Levels of a value at most: Postgres reads what is nested by recursion. */
const deepest = 64;

/**
 * Where in a value that came from JSON there is text or a name that cannot be stored, or more than `levels` levels: the
 * path of the first such place, from `path` on; null: nowhere.
 */
export function unstorablePath(value: unknown, path: string, levels: number): string | null {
  if (typeof value === 'string') return storable.test(value) ? null : path;
  if (typeof value !== 'object' || value === null) return null;
  if (levels === 0) return path;
  for (const [name, part] of Object.entries(value)) {
    const found = storable.test(name) ? unstorablePath(part, `${path}.${name}`, levels - 1) : path;
    if (found !== null) return found;
  }
  return null;
}

/**
 * Whether a value that came from JSON can be stored as JSON and found again as it was: no text or name that
 * Postgres refuses or UTF-8 cannot hold, at most 64 levels, at most `maxBytes` bytes in UTF-8.
 */
export function isStorableJson(value: unknown, maxBytes: number): boolean {
  return unstorablePath(value, '', deepest) === null && Buffer.byteLength(JSON.stringify(value)) <= maxBytes;
}
