import type { Access, AccountStatus, Role } from '@vestibule/shared/contracts/account';
import type { ErrorCode } from '@vestibule/shared/errors';

const endsSessions: Record<AccountStatus, boolean> = {
  pending: false,
  active: false,
  frozen: true,
  deleted: true,
};

/** The access once its role is `role`; the same object when it is already. */
export function withRole(access: Access, role: Role): Access {
  return access.role === role ? access : { ...access, role, version: access.version + 1 };
}

/** The access once all sessions that were opened so far are over. */
export function withSessionsEnded(access: Access): Access {
  return { ...access, sessionEpoch: access.sessionEpoch + 1, version: access.version + 1 };
}

/** The access once its status is `status`; the same object when it is already. */
export function withStatus(access: Access, status: AccountStatus): Access {
  if (access.status === status) return access;
  if (endsSessions[status]) return { ...withSessionsEnded(access), status };
  return { ...access, status, version: access.version + 1 };
}

/** Why nobody may change role or status of this account at will; null when they may. */
export function refusal({ role, status }: Access): ErrorCode | null {
  if (status === 'deleted') return 'account-unknown';
  return role === 'admin' ? 'account-is-admin' : null;
}

/** Why this account cannot be audited; null when it can. */
export function auditRefusal({ status }: Access): ErrorCode | null {
  if (status === 'deleted') return 'account-unknown';
  return status === 'pending' ? null : 'account-not-pending';
}

/**
 * Why an operator cannot give this account the role; null when they can. Asks for other admins if it is one and
 * would be none.
 */
export async function assignmentRefusal(
  access: Access,
  role: Role,
  anotherAdmin: () => Promise<boolean>,
): Promise<ErrorCode | null> {
  if (role !== 'admin') return removalRefusal(access, anotherAdmin);
  return access.status === 'deleted' ? 'account-unknown' : null;
}

/** Why this account can neither be deleted by an admin nor become a non-admin; null when it can. Asks for other admins if it is one. */
export async function removalRefusal(
  { role, status }: Access,
  anotherAdmin: () => Promise<boolean>,
): Promise<ErrorCode | null> {
  if (status === 'deleted') return 'account-unknown';
  return role === 'admin' && !(await anotherAdmin()) ? 'last-admin' : null;
}
