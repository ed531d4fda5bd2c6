import { hkdfSync } from 'node:crypto';

/**
 * A key of 32 bytes for one purpose, so that no two uses of a secret share one. The purpose begins with the name of the
 * service, since in one process all services have the same secret: `auth/guesses`.
 */
export function derivedKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `vestibule/${purpose}`, 32));
}
