import type { Account, AccountStatus, Role } from '@vestibule/shared/contracts/account';

/** The document's numbers of roles, and besides it the names of those that it does not number. */
export const roleOf = {
  '0': 'admin',
  '1': 'donor',
  '2': 'volunteer',
  normal: 'normal',
  repair: 'repair',
} as const satisfies Record<string, Role>;

export const statusOf = { '0': 'active', '1': 'frozen', '2': 'deleted' } as const satisfies Record<
  string,
  AccountStatus
>;

/** Roles in the document's words. */
const roleWords = {
  admin: 'administrator',
  donor: 'donor',
  volunteer: 'volunteer',
  normal: 'normal',
  repair: 'repair',
} satisfies Record<Role, string>;

/** The document has three states: who waits for an audit is not let in, as who is frozen. */
const statusNumbers = { active: '0', pending: '1', frozen: '1', deleted: '2' } satisfies Record<
  AccountStatus,
  string
>;

/** Every good answer of the document. */
export const good = <D extends object>(data: D) => ({ code: 200, msg: '', data });

/** An account as register answers it. */
export const registered = ({ id, role, profile }: Account, token: string) => ({
  id: String(id),
  token,
  role: roleWords[role],
  first_name: profile.firstName,
  last_name: profile.lastName,
});

/** An account as getuser answers it. */
export const user = ({ id, role, status, profile }: Account) => ({
  id: String(id),
  first_name: profile.firstName,
  last_name: profile.lastName,
  role: roleWords[role],
  status: statusNumbers[status],
});
