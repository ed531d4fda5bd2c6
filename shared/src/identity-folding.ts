import type { Identity, IdentityKind } from './contracts/account.ts';

const asWritten = (value: string) => value;

const folds: Record<IdentityKind, (value: string) => string> = {
  /** Looks alike, is alike: full-width letters, ligatures and case make no second name. */
  nickname: (value) => value.normalize('NFKC').toLowerCase(),
  phone: asWritten,
  wechat: asWritten,
  openid: asWritten,
};

/** The text under which identities of one kind are compared. Can be many times as long as what was written. */
export function foldIdentity({ kind, value }: Identity): string {
  return folds[kind](value);
}
