import type { Identity, IdentityKind } from '@vestibule/shared/contracts/account';
import { AppError } from '@vestibule/shared/errors';
import { foldIdentity } from '@vestibule/shared/identity-folding';

/** An identity as it is compared: two with the same kind and folded value are one. */
export type IdentityKey = { kind: IdentityKind; folded: string };

/** An identity as its owner wrote it, and as it is compared. */
export type NewIdentity = { written: Identity; key: IdentityKey };

/** A key of Postgres' index takes 2,704 bytes, and one character can fold to 33. */
const mostBytes = 2000;

/** Folds an identity for comparing. Too long when folded, which no document allows: `contract-violated`. */
export function identityKey(identity: Identity): IdentityKey {
  const { kind } = identity;
  const folded = foldIdentity(identity);
  if (Buffer.byteLength(folded) > mostBytes) throw new AppError('contract-violated', { field: kind });
  return { kind, folded };
}

/** An identity that an account is to have. Fails as `identityKey` does. */
export const newIdentity = (written: Identity): NewIdentity => ({ written, key: identityKey(written) });

/**
 * Folds a first or last name for searching without regard to case. Here and not in SQL, whose `lower` knows
 * only the letters of the database's locale.
 */
export function foldName(name: string): string {
  return name.toLowerCase();
}
