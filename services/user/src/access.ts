import type { CallContext, Clock } from '@vestibule/shared/call-context';
import type { Access, AccountStatus, Role } from '@vestibule/shared/contracts/account';
import type { RequestOf } from '@vestibule/shared/contracts/contract';
import type { userContracts } from '@vestibule/shared/contracts/user';
import { AppError, codeOf, type ErrorCode } from '@vestibule/shared/errors';
import type { SessionCopies } from '@vestibule/shared/session-copies';
import type { AccessChange, AccessRepository } from './access-repository.ts';
import type { ChangeLog, Log } from './change-log.ts';

type Contracts = typeof userContracts;
type Nothing = Record<string, never>;

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

/** Why nobody may change role or status of this account; null when they may. */
export function refusal({ role, status }: Access): ErrorCode | null {
  if (status === 'deleted') return 'account-unknown';
  return role === 'admin' ? 'account-is-admin' : null;
}

/** Role, status and what ends sessions: changes here are answered only when no old copy is left. */
export function createAccess({
  repository,
  copies,
  clock,
  logger,
  changeLog,
}: {
  repository: AccessRepository;
  copies: Pick<SessionCopies, 'fillAccess' | 'raiseAccess'>;
  clock: Clock;
  logger: Log;
  changeLog: ChangeLog;
}) {
  /**
   * Drops the copy of what was committed before. Also when this call changed nothing: one that did may have
   * ended between its commit and this, and its client asks again. The change stands without the store.
   */
  const settle = async (change: AccessChange | null, context: CallContext): Promise<AccessChange> => {
    if (change === null) throw new AppError('account-unknown');
    const { accountId, version } = change.after;
    try {
      await copies.raiseAccess(accountId, version);
    } catch (error) {
      logger.warn(
        { requestId: context.requestId, accountId, code: codeOf(error) },
        'the copy of an access could not be dropped; it ends by itself within seconds',
      );
    }
    return change;
  };

  const changeUnlessRefused = async (
    id: number,
    decide: (access: Access) => Access,
    context: CallContext,
  ): Promise<AccessChange> => {
    const allowed = (access: Access) => (refusal(access) === null ? decide(access) : access);
    const change = await settle(await repository.change(id, allowed, new Date(clock())), context);
    const refused = refusal(change.before);
    if (refused !== null) throw new AppError(refused);
    return change;
  };

  return {
    /** Reads the row and renews its copy, without waiting for the store. */
    async access({ id }: RequestOf<Contracts['access']>, context: CallContext): Promise<Access> {
      const readAt = clock();
      const access = await repository.read(id);
      if (access === null) throw new AppError('account-unknown');
      copies.fillAccess(access, readAt).catch((error: unknown) => {
        logger.debug(
          { requestId: context.requestId, accountId: id, code: codeOf(error) },
          'the copy of an access could not be renewed',
        );
      });
      return access;
    },

    /** Fails with `account-unknown`, also for deleted ones, and `account-is-admin`. */
    async setRole({ id, role }: RequestOf<Contracts['setRole']>, context: CallContext): Promise<Nothing> {
      const { before, after } = await changeUnlessRefused(id, (access) => withRole(access, role), context);
      if (after !== before) changeLog('role changed', id, context, { from: before.role, to: after.role });
      return {};
    },

    /** Fails with `account-unknown`, also for deleted ones, and `account-is-admin`. */
    async setStatus(
      { id, status }: RequestOf<Contracts['setStatus']>,
      context: CallContext,
    ): Promise<Nothing> {
      const { before, after } = await changeUnlessRefused(
        id,
        (access) => withStatus(access, status),
        context,
      );
      if (after !== before) {
        changeLog('status changed', id, context, { from: before.status, to: after.status });
      }
      return {};
    },

    /** Fails with `account-unknown`, and `credentials-wrong` when the hash is another one by now. */
    async setPassword(
      { id, expectedHash, passwordHash }: RequestOf<Contracts['setPassword']>,
      context: CallContext,
    ): Promise<Nothing> {
      const { before, after } = await settle(
        await repository.replacePassword(
          id,
          { expected: expectedHash, hash: passwordHash },
          withSessionsEnded,
          new Date(clock()),
        ),
        context,
      );
      if (after === before) throw new AppError('credentials-wrong');
      changeLog('password changed', id, context);
      return {};
    },
  };
}
