import type { Identity, IdentityKind } from '@vestibule/shared/contracts/account';
import { AppError } from '@vestibule/shared/errors';

/** An identity as it is compared: two with the same kind and folded value are one. */
export type IdentityKey = { kind: IdentityKind; folded: string };

/** A key of Postgres' index takes 2,704 bytes, and one character can fold to 33. */
const mostBytes = 2000;

const asWritten = (value: string) => value;

const folds: Record<IdentityKind, (value: string) => string> = {
  /** Looks alike, is alike: full-width letters, ligatures and case make no second name. */
  nickname: (value) => value.normalize('NFKC').toLowerCase(),
  phone: asWritten,
  wechat: asWritten,
  openid: asWritten,
};

/** Folds an identity for comparing. Too long when folded, which no document allows: `contract-violated`. */
export function identityKey({ kind, value }: Identity): IdentityKey {
  const folded = folds[kind](value);
  if (Buffer.byteLength(folded) > mostBytes) throw new AppError('contract-violated', { field: kind });
  return { kind, folded };
}

/**
 * Folds a first or last name for searching without regard to case. Here and not in SQL, whose `lower` knows
 * only the letters of the database's locale.
 */
export function foldName(name: string): string {
  return name.toLowerCase();
}
