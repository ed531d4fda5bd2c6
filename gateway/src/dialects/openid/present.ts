import type { Account } from '@vestibule/shared/contracts/account';

/** Every good answer of the document. */
export const good = <D>(data: D) => ({ code: 0, msg: 'success', data });

/** Writes an account as the document does; `openid` is the caller's own, which no account carries. */
export const createUserView =
  (time: (iso: string) => string) =>
  ({ id, profile, createdAt, modifiedAt }: Account, openid: string) => ({
    id,
    openid,
    phone: profile.phone,
    qq: profile.qq,
    cardno: profile.cardno,
    wxid: profile.wxid,
    created_at: time(createdAt),
    modified_at: time(modifiedAt),
  });
