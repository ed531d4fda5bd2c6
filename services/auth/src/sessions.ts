import type { CallContext, Clock } from '@vestibule/shared/call-context';
import type { Access } from '@vestibule/shared/contracts/account';
import type { authContracts, LiveSession } from '@vestibule/shared/contracts/auth';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { AppError, codeOf } from '@vestibule/shared/errors';
import type { Logger } from '@vestibule/shared/logger';
import type { EventSource } from '@vestibule/shared/outbox/outbox';
import { firstEpoch, judge, type SessionCopies } from '@vestibule/shared/session-copies';
import { type TokenClaims, tokenFormat } from '@vestibule/shared/token';
import type { KnownAddress } from './guess-repository.ts';
import type { SessionRecord, SessionsRepository, SessionWay } from './sessions-repository.ts';
import type { Users } from './users.ts';

type Contracts = typeof authContracts;
type ById = RequestOf<Contracts['verifySession']>;

/**
 * Whose session: an account's at the epoch that was read with its credentials, and the way in which they were given,
 * with the address that is kept as its own, if one is; or a proved openid's alone, with the access of the account that
 * it has already.
 */
export type SessionOwner =
  | { access: Access; way: SessionWay; from?: KnownAddress | null }
  | { openid: string; access: Access | null };

/** Who opens a session is its account, unless somebody else is signed in already: an admin who registers another. */
function sourceOf({ access }: SessionOwner, { requestId, address, caller }: CallContext): EventSource {
  const opener = caller ?? access ?? undefined;
  return {
    requestId,
    ...(address === undefined ? {} : { address }),
    ...(opener === undefined ? {} : { caller: opener }),
  };
}

const removedAtOnce = 1000;
const listedAtMost = 1000;

/** Opens sessions, says whether one is alive, and ends them. */
export function createSessions({
  repository,
  copies,
  users,
  sign,
  newId,
  clock,
  ttlSeconds,
  logger,
}: {
  repository: SessionsRepository;
  copies: Pick<SessionCopies, 'fillSession' | 'raiseSession'>;
  users: Pick<Users, 'access' | 'find'>;
  sign: (claims: TokenClaims) => Promise<string>;
  /** At least 128 random bits, in 16 to 64 characters. */
  newId: () => string;
  clock: Clock;
  ttlSeconds: number;
  logger: Logger;
}) {
  /** The id of the account that the proved openid of a session has by now, if it is an openid's alone. */
  async function ownerOf({ session, openid }: SessionRecord, context: CallContext) {
    if (session.accountId !== null || openid === null) return undefined;
    return (await users.find({ kind: 'wechat', value: openid }, context))?.account.id;
  }

  return {
    /**
     * Writes the session, then answers its token. The epoch is the one that was read together with what
     * the owner proved: what ended the account's sessions since has moved it on, and this one is born dead.
     */
    async open(owner: SessionOwner, context: CallContext): Promise<string> {
      const sessionId = newId();
      const iat = Math.floor(clock() / 1000);
      const exp = iat + ttlSeconds;
      const ownAccount = 'way' in owner ? owner.access.accountId : null;
      const draft = {
        sessionId,
        accountId: ownAccount,
        openid: 'openid' in owner ? owner.openid : null,
        sessionEpoch: owner.access?.sessionEpoch ?? firstEpoch,
        createdAt: new Date(iat * 1000),
        expiresAt: new Date(exp * 1000),
      };
      const opened = owner.access && {
        accountId: owner.access.accountId,
        way: 'way' in owner ? owner.way : 'openid',
      };
      const from = ('from' in owner && owner.from) || null;
      await repository.insert(draft, { opened, from }, sourceOf(owner, context));
      return sign({
        iss: tokenFormat.issuer,
        aud: tokenFormat.audience,
        ...(ownAccount === null ? {} : { sub: String(ownAccount) }),
        sid: sessionId,
        iat,
        exp,
      });
    },

    /** Fails with `session-dead`. Renews the session's copy without waiting for the store. */
    async verify({ sessionId }: ById, context: CallContext): Promise<LiveSession> {
      const readAt = clock();
      const found = await repository.find(sessionId);
      if (found === null || found.expiresAt.getTime() <= readAt) throw new AppError('session-dead');
      const ownerId = found.session.ended ? undefined : await ownerOf(found, context);
      const session = { ...found.session, ...(ownerId !== undefined && { ownerId }) };
      copies.fillSession(session, readAt).catch((error: unknown) => {
        logger.debug(
          { requestId: context.requestId, code: codeOf(error) },
          'the copy of a session could not be renewed',
        );
      });
      const id = session.accountId ?? ownerId;
      const access = id === undefined || session.ended ? null : await users.access({ id }, context);
      const verdict = judge(session, access);
      if (verdict === 'dead') throw new AppError('session-dead');
      return verdict;
    },

    /** Ends the row, then drops its copy; without the store the copy ends by itself within seconds. */
    async logout({ sessionId }: ById, context: CallContext): Promise<Record<string, never>> {
      const found = await repository.find(sessionId);
      const ownerId = found && (await ownerOf(found, context));
      await repository.end(sessionId, new Date(clock()), ownerId ?? null, context);
      try {
        await copies.raiseSession(sessionId);
      } catch (error) {
        logger.warn(
          { requestId: context.requestId, code: codeOf(error) },
          'the copy of a session could not be dropped; it ends by itself within seconds',
        );
      }
      return {};
    },

    /** The sessions of an account, newest first. */
    async list({ accountId }: RequestOf<Contracts['sessions']>): Promise<ReplyOf<Contracts['sessions']>> {
      const sessions = await repository.ofAccount(accountId, listedAtMost);
      return {
        sessions: sessions.map(({ createdAt, expiresAt, endedAt }) => ({
          createdAt: createdAt.toISOString(),
          expiresAt: expiresAt.toISOString(),
          endedAt: endedAt?.toISOString() ?? null,
        })),
      };
    },

    /** Removes expired sessions, a batch at a time. */
    async removeExpired(): Promise<void> {
      const now = new Date(clock());
      while ((await repository.removeExpired(now, removedAtOnce)) === removedAtOnce);
    },
  };
}
export type Sessions = ReturnType<typeof createSessions>;
