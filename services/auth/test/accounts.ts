import type { Access, Account } from '@vestibule/shared/contracts/account';

/** An account as the user service answers it, with what decides whether its sessions live. */
export function accountFound({
  id = 10_000_001,
  role = 'normal',
  status = 'active',
  sessionEpoch = 0,
}: Partial<Account & Access> = {}): { account: Account; access: Access } {
  const profile: Account['profile'] = {
    firstName: '',
    lastName: '',
    name: '',
    phone: '',
    address: '',
    company: '',
    age: null,
    email: '',
    position: '',
    qq: '',
    cardno: '',
    wxid: '',
  };
  const written = '2026-11-21T12:00:00.000Z';
  return {
    account: { id, role, status, nickname: '', profile, createdAt: written, modifiedAt: written },
    access: { accountId: id, role, status, sessionEpoch, version: 0 },
  };
}
