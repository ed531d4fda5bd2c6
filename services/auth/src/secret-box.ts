import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { derivedKey } from '@vestibule/shared/derived-key';

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const sealedMark = 'aes-256-gcm';
const plainMark = 'plain';

/** What stored text turned out to be: `unreadable` when it was sealed with another secret, or altered. */
export type Opened = { text: string; sealed: boolean } | 'unreadable';

/**
 * Seals text that is stored, with a key derived from the secret for one purpose; `about` names the row, so that
 * sealed text moved to another row cannot be opened. Without a secret, in development, text stays as it is.
 */
export function createSecretBox(secret: string | undefined, purpose: string) {
  const key = secret === undefined ? null : derivedKey(secret, `auth/${purpose}`);

  function decrypt(parts: readonly string[], about: string): string {
    const [iv, tag, sealed] = parts.map((part) => Buffer.from(part, 'base64url'));
    if (key === null || !iv || !tag || !sealed) throw new Error('there is nothing to open it with');
    const decipher = createDecipheriv(cipher, key, iv, { authTagLength: 16 });
    decipher.setAAD(Buffer.from(about)).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString();
  }

  return {
    seals: key !== null,

    seal(text: string, about: string): string {
      if (key === null) return `${plainMark}:${text}`;
      const iv = randomBytes(ivBytes);
      const encipher = createCipheriv(cipher, key, iv, { authTagLength: 16 }).setAAD(Buffer.from(about));
      const sealed = Buffer.concat([encipher.update(text), encipher.final()]);
      const parts = [iv, encipher.getAuthTag(), sealed].map((part) => part.toString('base64url'));
      return [sealedMark, ...parts].join(':');
    },

    open(stored: string, about: string): Opened {
      if (stored.startsWith(`${plainMark}:`)) {
        return { text: stored.slice(plainMark.length + 1), sealed: false };
      }
      try {
        return { text: decrypt(stored.split(':').slice(1), about), sealed: true };
      } catch {
        return 'unreadable';
      }
    },
  };
}
export type SecretBox = ReturnType<typeof createSecretBox>;
