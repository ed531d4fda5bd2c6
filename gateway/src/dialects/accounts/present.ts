import type { Account, AccountStatus } from '@vestibule/shared/contracts/account';

/** Rows of the list in one answer. */
export const perPage = 15;

/** Every good answer of the document. */
export const good = <D>(cmd: string, data: D, message = 'success') => ({ cmd, data, message, status: true });

/** The document's numbers: audited or not. A frozen account gets no answer that has one. */
const statusNumber = ({ status }: Account): number => (status === 'pending' ? 0 : 1);

/** The status in the words of the list, which has no deleted ones. */
const statusWords = {
  pending: '未审核',
  active: '已审核',
  frozen: '已冻结',
  deleted: '已删除',
} satisfies Record<AccountStatus, string>;

/** An account as signUp answers it. */
export const signedUp = (account: Account) => ({ id: account.id, account_status: statusNumber(account) });

/** An account as login answers it. */
export const loggedIn = (account: Account, token: string) => ({
  account_status: statusNumber(account),
  id: account.id,
  nickname: account.nickname,
  token,
  user_level: account.role === 'admin' ? 1 : 0,
});

/** An account as user/:id answers it. */
export const user = ({ id, nickname, profile: { email, name, phone, position } }: Account) => ({
  email,
  id,
  name,
  nickname,
  phone,
  position,
});

/** A page as Laravel writes it; `time` writes dates as all documents do, of which the list leaves out the seconds. */
export const createPageView =
  (time: (iso: string) => string) => (page: number, total: number, accounts: readonly Account[]) => ({
    total,
    per_page: perPage,
    current_page: page,
    last_page: Math.max(1, Math.ceil(total / perPage)),
    data: accounts.map((account) => ({
      ...user(account),
      account_status: statusWords[account.status],
      create_time: time(account.createdAt).slice(0, -':ss'.length),
    })),
  });
