import { FormatRegistry, Type } from './schema.ts';

const fewestDifferent = 8;

/** Whether text is one piece over and over, the last time perhaps cut off: `abcabcab`. */
function repeatsItself(text: string): boolean {
  for (let length = 1; length <= text.length / 2; length += 1) {
    if (text.startsWith(text.slice(length))) return true;
  }
  return false;
}

/**
 * Whether text has the variety that random text has: 8 different characters at least, and no piece over and over.
 * 32 random hexadecimal digits fail once in ten million times, what somebody types to fill 32 places does not pass.
 */
export const isVaried = (text: string): boolean =>
  new Set(text).size >= fewestDifferent && !repeatsItself(text);

const format = 'vestibule-secret';
FormatRegistry.Set(format, isVaried);

/** What makes text varied, for the description of a setting. */
export const variedRule = '8 different ones or more, and no piece of it repeated';

/** The setting KEYS_SECRET of a service; `use` says how long it stays the same, and what for. */
export const KeysSecret = (use: string) =>
  Type.Optional(
    Type.String({
      minLength: 32,
      maxLength: 1024,
      format,
      description: `at least 32 random characters (${variedRule}), ${use}`,
    }),
  );
