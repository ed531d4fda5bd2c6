import { createHmac } from 'node:crypto';
import { derivedKey } from '@vestibule/shared/derived-key';
import type { IdentityKey } from './folding.ts';

/** Stands in for KEYS_SECRET where none is set: what is kept under it is still no plain text. */
const developmentSecret = 'vestibule in development, without KEYS_SECRET';

/** What is left of an identity once its account is erased: enough to know it again, and to tell nobody what it was. */
export type IdentityDigest = (identity: IdentityKey) => Buffer;

/** HMAC-SHA256 of identities; all replicas need the same secret (`KEYS_SECRET`), and need it for good. */
export function createIdentityDigest(secret: string = developmentSecret): IdentityDigest {
  const key = derivedKey(secret, 'user/erased-identities');
  return ({ kind, folded }) =>
    createHmac('sha256', key)
      .update(JSON.stringify([kind, folded]))
      .digest();
}
