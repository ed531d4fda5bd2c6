import type { Access, Account } from '@vestibule/shared/contracts/account';
import type { NewEvent } from '@vestibule/shared/outbox/outbox';

/** Events of one account come in the order of its changes, which its row's lock makes. */
const key = (accountId: number) => `account:${accountId}`;

export function accountCreated({ id, role, status }: Pick<Account, 'id' | 'role' | 'status'>): NewEvent {
  return { kind: 'account.created', key: key(id), data: { accountId: id, role, status } };
}

export function passwordChanged(accountId: number): NewEvent {
  return { kind: 'account.password-changed', key: key(accountId), data: { accountId } };
}

/** `fields`: the names of those that are other than before; none of their values. */
export function profileChanged(accountId: number, fields: string[]): NewEvent {
  return { kind: 'account.profile-changed', key: key(accountId), data: { accountId, fields } };
}

/** All that it said of its owner is gone. */
export function accountErased(accountId: number): NewEvent {
  return { kind: 'account.erased', key: key(accountId), data: { accountId } };
}

/** What a change of role or status is told as; nothing when both stayed. */
export function accessChanged(before: Access, after: Access): NewEvent[] {
  const { accountId } = after;
  const events: NewEvent[] = [];
  if (after.role !== before.role) {
    const data = { accountId, from: before.role, to: after.role };
    events.push({ kind: 'account.role-changed', key: key(accountId), data });
  }
  if (after.status !== before.status) {
    const data = { accountId, from: before.status, to: after.status };
    events.push({ kind: 'account.status-changed', key: key(accountId), data });
  }
  return events;
}
