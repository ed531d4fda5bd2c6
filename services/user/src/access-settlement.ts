import { AppError } from '@vestibule/shared/errors';
import type { SessionCopies } from '@vestibule/shared/session-copies';
import type { AccessChange } from './access-repository.ts';

/**
 * Drops the copy of what was committed before. Also when this call changed nothing: one that did may have
 * ended between its commit and this, and its client asks again. The change stands without the store, which
 * `onKept` is told. Then fails with `account-unknown`, or with what the change was refused for.
 */
export async function settle(
  change: AccessChange | null,
  copies: Pick<SessionCopies, 'raiseAccess'>,
  onKept: (error: unknown) => void,
): Promise<AccessChange> {
  if (change === null) throw new AppError('account-unknown');
  const { accountId, version } = change.after;
  await copies.raiseAccess(accountId, version).catch(onKept);
  if (change.refused !== null) throw new AppError(change.refused);
  return change;
}
