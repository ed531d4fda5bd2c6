import type { AccountStatus } from '@vestibule/shared/contracts/account';
import type { Definition } from './definition.ts';

/** How an instance ends that something elsewhere has decided; null: it is cancelled. */
export type Settlement = { outcome: string | null };

/** What the review of an account comes to when its status says that it waits for no audit any more. */
const afterAudit: Readonly<Partial<Record<AccountStatus, Settlement>>> = {
  active: { outcome: 'approved' },
  frozen: { outcome: 'rejected' },
  deleted: { outcome: null },
};

/**
 * What an instance of the definition comes to once its applicant's account, which waited for its audit, is `status`;
 * undefined: it goes on. Null stands for an account that is not there.
 */
export function settlementOf(
  { settledBy }: Pick<Definition, 'settledBy'>,
  status: AccountStatus | null,
): Settlement | undefined {
  return settledBy === 'account-audited' && status !== null ? afterAudit[status] : undefined;
}
