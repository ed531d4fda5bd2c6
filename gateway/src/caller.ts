import cookie from '@fastify/cookie';
import jwt, { type TokenOrHeader } from '@fastify/jwt';
import type { Bus } from '@vestibule/shared/bus/bus';
import type { CallContext, Clock } from '@vestibule/shared/call-context';
import { authContracts, type LiveSession } from '@vestibule/shared/contracts/auth';
import { AppError, codeOf, type ErrorCode } from '@vestibule/shared/errors';
import { TypeCompiler } from '@vestibule/shared/schema';
import type { SessionCopies } from '@vestibule/shared/session-copies';
import { TokenClaims, tokenRules } from '@vestibule/shared/token';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Keys } from './keys.ts';
import { findToken, isForeign } from './tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The live session of the request's token; null where no guard looked for one, or found none. */
    caller: LiveSession | null;
    /** Why a request has no caller, where strangers are welcome too. */
    strangeness: AppError | null;
  }
}

type Account = NonNullable<LiveSession['account']>;

/** What each need asks of a live session. `anyone` and `maybe-signed-in` ask for none. */
const demands = {
  /** Open to all; no token is looked at. */
  anyone: () => undefined,
  /** Open to all; a live token says who it is. */
  'maybe-signed-in': () => undefined,
  /** A live session, also that of a proved openid that has no account yet. */
  session: () => undefined,
  /** A live session, but not that of an account that waits for its audit. */
  audited: ({ account }) => {
    if (account?.status === 'pending') throw new AppError('account-pending');
  },
  /** An account that does not wait for its audit. */
  'audited-account': (session) => {
    if (signedIn(session).status === 'pending') throw new AppError('account-pending');
  },
  /** An account and its own record: the one thing that a pending one may reach. */
  'own-record': (session) => {
    signedIn(session);
  },
  admin: (session) => {
    const account = signedIn(session);
    if (account.role !== 'admin') throw new AppError('not-allowed');
    if (account.status === 'pending') throw new AppError('account-pending');
  },
} satisfies Record<string, (session: LiveSession) => void>;

/** Whom a route lets in. Each route declares it; there is no default. */
export type Access = keyof typeof demands;

/** The account of a session; a session without one is not signed in. */
export function signedIn(session: LiveSession | null): Account {
  if (session === null || session.account === null) throw new AppError('session-dead');
  return session.account;
}

/** Whether an account may act as an admin: a pending one waits for its own audit first. */
export const isAdmin = ({ role, status }: Account): boolean => role === 'admin' && status === 'active';

/** What a token that proves nothing fails with. */
const strangersTokens: readonly ErrorCode[] = ['session-dead', 'origin-foreign'];

const claimsCheck = TypeCompiler.Compile(TokenClaims);
const isClaims = (value: unknown): value is TokenClaims => claimsCheck.Check(value);

/** Verified tokens that are remembered, so that a signature is checked once. */
const rememberedTokens = 10_000;

type CallersOptions = {
  bus: Pick<Bus, 'call'>;
  copies: Pick<SessionCopies, 'read'>;
  keys: Pick<Keys, 'pem'>;
  clock: Clock;
  cookieName: string;
  allowedOrigins: readonly string[];
};

export type Guard = (request: FastifyRequest) => Promise<void>;

/**
 * Finds out who calls: the token's signature is checked here, its session's state is read from the copies,
 * or asked of auth when a copy is missing or the store away. Each request asks for itself: one that shared
 * the question of an earlier one could get an answer from before a revocation that was already confirmed.
 */
export async function addCallers(
  app: FastifyInstance,
  { bus, copies, keys, clock, cookieName, allowedOrigins }: CallersOptions,
): Promise<(access: Access) => Guard> {
  await app.register(cookie);
  await app.register(jwt, {
    secret: async (request: FastifyRequest, token: TokenOrHeader) => {
      const { kid } = 'header' in token ? token.header : token;
      const pem = kid === undefined ? undefined : await keys.pem(String(kid), request.callContext);
      if (pem === undefined) throw new AppError('session-dead');
      return pem;
    },
    decode: { complete: true },
    verify: {
      ...tokenRules,
      // Compared below with the clock that is handed in; the library knows only the machine's.
      ignoreExpiration: true,
      cache: rememberedTokens,
      extractToken: (request) => findToken(request, cookieName)?.token,
    },
  });
  app.decorateRequest('caller', null);
  app.decorateRequest('strangeness', null);

  async function verifiedClaims(request: FastifyRequest): Promise<TokenClaims> {
    try {
      const claims: unknown = await request.jwtVerify();
      if (isClaims(claims) && clock() < claims.exp * 1000) return claims;
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError('session-dead', {}, error);
    }
    throw new AppError('session-dead');
  }

  async function copied({ sid, sub }: TokenClaims) {
    try {
      return await copies.read(sid, sub === undefined ? null : Number(sub));
    } catch (error) {
      if (codeOf(error) === 'store-unavailable') return 'unknown';
      throw error;
    }
  }

  async function liveSession(claims: TokenClaims, context: CallContext): Promise<LiveSession> {
    const verdict = await copied(claims);
    if (verdict === 'dead') throw new AppError('session-dead');
    return verdict === 'unknown'
      ? bus.call(authContracts.verifySession, { sessionId: claims.sid }, context)
      : verdict;
  }

  async function identify(request: FastifyRequest): Promise<LiveSession> {
    const found = findToken(request, cookieName);
    if (found === undefined) throw new AppError('session-dead');
    if (found.ambient && isForeign(request, allowedOrigins)) throw new AppError('origin-foreign');
    return liveSession(await verifiedClaims(request), request.callContext);
  }

  /** A token that proves nothing leaves its sender a stranger, where strangers are welcome. */
  async function identifyIfAny(request: FastifyRequest): Promise<LiveSession | null> {
    try {
      return await identify(request);
    } catch (error) {
      if (!(error instanceof AppError) || !strangersTokens.includes(error.code)) throw error;
      request.strangeness = error;
      return null;
    }
  }

  return (access) => async (request) => {
    if (access === 'anyone') return;
    const session = access === 'maybe-signed-in' ? await identifyIfAny(request) : await identify(request);
    if (session === null) return;
    demands[access](session);
    request.caller = session;
    if (session.account === null) return;
    const { id: accountId, role, status } = session.account;
    request.callContext = { ...request.callContext, caller: { accountId, role, status } };
  };
}
