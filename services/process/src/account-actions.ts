import type { Bus } from '@vestibule/shared/bus/bus';
import type { CallContext } from '@vestibule/shared/call-context';
import type { AccountStatus } from '@vestibule/shared/contracts/account';
import { userContracts } from '@vestibule/shared/contracts/user';
import { codeOf, type ErrorCode } from '@vestibule/shared/errors';
import type { WaitingAction } from './actions-repository.ts';
import type { AccountAction } from './definition.ts';

/** What the platform asks the user service for, and what the account is when it is done. */
const accountActions = {
  'audit-account': { contract: userContracts.audit, becomes: 'active' },
  'reject-account': { contract: userContracts.reject, becomes: 'frozen' },
  'remove-account': { contract: userContracts.remove, becomes: 'deleted' },
} as const satisfies Record<AccountAction, { contract: unknown; becomes: AccountStatus }>;

const orderable = ['audit-account', 'reject-account', 'remove-account'] as const satisfies AccountAction[];

/** What makes an account become this; null: nothing that a process can order. */
export const actionLeadingTo = (status: AccountStatus): AccountAction | null =>
  orderable.find((action) => accountActions[action].becomes === status) ?? null;

/** Answers that no repeat changes. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  'account-not-pending',
  'account-unknown',
  'not-allowed',
  'last-admin',
]);

/** What came of an action: `status` is the account's, null where there is none, or where it was not asked for. */
export type Performed =
  | { result: 'done' }
  | { result: 'refused'; code: ErrorCode; status: AccountStatus | null };

/** Who acts, as the user service is to see it: whoever may complete such a task has the power of an admin for it. */
export const callerOf = ({ actor_id }: Pick<WaitingAction, 'actor_id'>): Pick<CallContext, 'caller'> =>
  actor_id === null ? {} : { caller: { accountId: actor_id, role: 'admin', status: 'active' } };

/** Does what actions say to accounts, by contract of the user service. */
export function createAccountActions({ bus }: { bus: Pick<Bus, 'call'> }) {
  async function statusOf(id: number, context: CallContext): Promise<AccountStatus | null> {
    try {
      return (await bus.call(userContracts.get, { id }, context)).status;
    } catch (error) {
      if (codeOf(error) === 'account-unknown') return null;
      throw error;
    }
  }

  return {
    /**
     * Does it, or finds that it was done: an answer may have been lost, and the repeat of what has happened is
     * refused. Fails where a later try may succeed.
     */
    async perform(
      action: WaitingAction,
      { requestId, deadline }: Pick<CallContext, 'requestId' | 'deadline'>,
    ): Promise<Performed> {
      const { contract, becomes } = accountActions[action.action];
      const context: CallContext = { requestId, deadline, ...callerOf(action) };
      try {
        await bus.call(contract, { id: action.account_id }, context);
        return { result: 'done' };
      } catch (error) {
        const code = codeOf(error);
        if (!refusals.has(code)) throw error;
        const status = await statusOf(action.account_id, context);
        return status === becomes ? { result: 'done' } : { result: 'refused', code, status };
      }
    },
  };
}
export type AccountActions = ReturnType<typeof createAccountActions>;
