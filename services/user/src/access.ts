import type { CallContext, Clock } from '@vestibule/shared/call-context';
import type { Access } from '@vestibule/shared/contracts/account';
import type { RequestOf } from '@vestibule/shared/contracts/contract';
import type { userContracts } from '@vestibule/shared/contracts/user';
import { AppError, codeOf } from '@vestibule/shared/errors';
import type { SessionCopies } from '@vestibule/shared/session-copies';
import type { AccessChange, AccessRepository, Decide } from './access-repository.ts';
import {
  auditRefusal,
  refusal,
  removalRefusal,
  withRole,
  withSessionsEnded,
  withStatus,
} from './access-rules.ts';
import { settle } from './access-settlement.ts';
import type { ChangeLog, Log } from './change-log.ts';

type Contracts = typeof userContracts;
type Nothing = Record<string, never>;

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
  const settled = (change: AccessChange | null, { requestId }: CallContext): Promise<AccessChange> =>
    settle(change, copies, (error) => {
      logger.warn(
        { requestId, accountId: change?.after.accountId, code: codeOf(error) },
        'the copy of an access could not be dropped; it ends by itself within seconds',
      );
    });

  const occasion = (source: CallContext) => ({ at: new Date(clock()), source });

  const change = async (id: number, decide: Decide, context: CallContext): Promise<AccessChange> =>
    settled(await repository.change(id, decide, occasion(context)), context);

  const changeStatus = async (id: number, decide: Decide, context: CallContext): Promise<Nothing> => {
    const { before, after } = await change(id, decide, context);
    if (after !== before) {
      changeLog('status changed', id, context, { from: before.status, to: after.status });
    }
    return {};
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
      const become: Decide = (access) => refusal(access) ?? withRole(access, role);
      const { before, after } = await change(id, become, context);
      if (after !== before) changeLog('role changed', id, context, { from: before.role, to: after.role });
      return {};
    },

    /** Fails with `account-unknown`, also for deleted ones, and `account-is-admin`. */
    setStatus({ id, status }: RequestOf<Contracts['setStatus']>, context: CallContext): Promise<Nothing> {
      return changeStatus(id, (access) => refusal(access) ?? withStatus(access, status), context);
    },

    /** Fails with `account-unknown`, also for deleted ones, and `account-not-pending`. */
    audit({ id }: RequestOf<Contracts['audit']>, context: CallContext): Promise<Nothing> {
      return changeStatus(id, (access) => auditRefusal(access) ?? withStatus(access, 'active'), context);
    },

    /** Ends its sessions. Fails with `account-unknown`, also for deleted ones, and `account-not-pending`. */
    reject({ id }: RequestOf<Contracts['reject']>, context: CallContext): Promise<Nothing> {
      return changeStatus(id, (access) => auditRefusal(access) ?? withStatus(access, 'frozen'), context);
    },

    /** Fails with `not-allowed` for the caller's own, `account-unknown`, also for deleted ones, and `last-admin`. */
    async remove({ id }: RequestOf<Contracts['remove']>, context: CallContext): Promise<Nothing> {
      if (context.caller?.accountId === id) throw new AppError('not-allowed', { rule: 'own-account' });
      const become: Decide = async (access, { anotherAdmin }) =>
        (await removalRefusal(access, anotherAdmin)) ?? withStatus(access, 'deleted');
      return changeStatus(id, become, context);
    },

    /** Fails with `account-unknown`, and `credentials-wrong` when the hash is another one by now. */
    async setPassword(
      { id, expectedHash, passwordHash }: RequestOf<Contracts['setPassword']>,
      context: CallContext,
    ): Promise<Nothing> {
      await settled(
        await repository.replacePassword(
          id,
          { expected: expectedHash, hash: passwordHash },
          withSessionsEnded,
          occasion(context),
        ),
        context,
      );
      changeLog('password changed', id, context);
      return {};
    },
  };
}
