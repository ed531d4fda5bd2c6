import { generateKeyPairSync, randomBytes } from 'node:crypto';
import jwt from '@fastify/jwt';
import { AccountStatus, Role } from '@vestibule/shared/contracts/account';
import { type Static, Type, TypeCompiler } from '@vestibule/shared/schema';
import { copyTtlMs } from '@vestibule/shared/session-copies';
import { TokenClaims, tokenFormat, tokenRules } from '@vestibule/shared/token';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import { Refusal } from './refusal.ts';
import type { NewSession, Statements } from './statements.ts';

const ttlSeconds = 604_800;

/** What stands in Redis under a session's id and its account's, for as long as the platform's copies do. */
const SessionCopy = Type.Object({ readAt: Type.Number(), epoch: Type.Integer(), ended: Type.Boolean() });
const AccessCopy = Type.Object({
  readAt: Type.Number(),
  role: Role,
  status: AccountStatus,
  epoch: Type.Integer(),
});
const [sessionCheck, accessCheck, claimsCheck] = [
  TypeCompiler.Compile(SessionCopy),
  TypeCompiler.Compile(AccessCopy),
  TypeCompiler.Compile(TokenClaims),
];
const isClaims = (value: unknown): value is TokenClaims => claimsCheck.Check(value);

export type Caller = { id: number; role: Static<typeof Role>; status: Static<typeof AccountStatus> };

const sessionKey = (id: string) => `yardstick:session:${id}`;
const accessKey = (id: string) => `yardstick:access:${id}`;
const parsed = (text: string | null | undefined): unknown => JSON.parse(text ?? 'null');

/** Sessions as the platform has them: signed tokens, and rows that are asked for at each request, by copies of 5 s. */
export async function openSessions(
  app: FastifyInstance,
  { statements, redis }: { statements: Statements; redis: Redis },
) {
  const pair = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  await app.register(jwt, {
    secret: { private: pair.privateKey, public: pair.publicKey },
    sign: { algorithm: tokenFormat.algorithm, header: { alg: tokenFormat.algorithm, typ: tokenFormat.type } },
    verify: {
      ...tokenRules,
      cache: 10_000,
    },
  });

  function claimsOf({ headers: { token } }: FastifyRequest): TokenClaims & { sub: string } {
    try {
      const claims: unknown = app.jwt.verify(String(token));
      if (isClaims(claims) && claims.sub !== undefined) return { ...claims, sub: claims.sub };
    } catch {
      // What does not verify proves nothing.
    }
    throw new Refusal(401, '请先登录');
  }

  async function fromRows(sid: string, sub: string) {
    const readAt = Date.now();
    const row = await statements.liveSession(sid, new Date(readAt));
    if (row === undefined) throw new Refusal(401, '请先登录');
    const session = { readAt, epoch: row.opened_at_epoch, ended: row.ended };
    const access = { readAt, role: row.role, status: row.status, epoch: row.session_epoch };
    void redis.set(sessionKey(sid), JSON.stringify(session), 'PX', copyTtlMs);
    void redis.set(accessKey(sub), JSON.stringify(access), 'PX', copyTtlMs);
    return { session, access };
  }

  async function fromCopies(sid: string, sub: string) {
    const [sessionText, accessText] = await redis.mget(sessionKey(sid), accessKey(sub));
    const [session, access] = [parsed(sessionText), parsed(accessText)];
    if (!sessionCheck.Check(session) || !accessCheck.Check(access)) return undefined;
    const oldest = Date.now() - copyTtlMs;
    return session.readAt > oldest && access.readAt > oldest ? { session, access } : undefined;
  }

  return {
    /** Who calls, with a session that lives; fails with 401. */
    async callerOf(request: FastifyRequest): Promise<Caller> {
      const { sid, sub } = claimsOf(request);
      const { session, access } = (await fromCopies(sid, sub)) ?? (await fromRows(sid, sub));
      const barred = access.status === 'frozen' || access.status === 'deleted';
      if (session.ended || barred || session.epoch !== access.epoch) throw new Refusal(401, '请先登录');
      return { id: Number(sub), role: access.role, status: access.status };
    },

    /** A session that is to be written, and its token. */
    begin(accountId: number, epoch: number): { session: NewSession; token: string } {
      const id = randomBytes(24).toString('base64url');
      const iat = Math.floor(Date.now() / 1000);
      const exp = iat + ttlSeconds;
      const token = app.jwt.sign({
        iss: tokenFormat.issuer,
        aud: tokenFormat.audience,
        sub: String(accountId),
        sid: id,
        iat,
        exp,
      });
      return {
        session: { id, epoch, createdAt: new Date(iat * 1000), expiresAt: new Date(exp * 1000) },
        token,
      };
    },
  };
}
export type Sessions = Awaited<ReturnType<typeof openSessions>>;
