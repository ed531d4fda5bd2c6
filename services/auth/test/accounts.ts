import type { Access, Account } from '@vestibule/shared/contracts/account';
import { noProfile } from '@vestibule/shared/test/no-profile';

/** An account as the user service answers it, with what decides whether its sessions live. */
export function accountFound({
  id = 10_000_001,
  role = 'normal',
  status = 'active',
  sessionEpoch = 0,
}: Partial<Account & Access> = {}): { account: Account; access: Access } {
  const written = '2026-11-21T12:00:00.000Z';
  return {
    account: { id, role, status, nickname: '', profile: noProfile, createdAt: written, modifiedAt: written },
    access: { accountId: id, role, status, sessionEpoch, version: 0 },
  };
}
