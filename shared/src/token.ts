import { type Static, Type } from './schema.ts';

/**
 * How auth signs a token and what the gateway insists on when it checks one. The type keeps any other JWT
 * that might ever be signed with these keys from passing for a session (RFC 8725, 3.11).
 */
export const tokenFormat = {
  algorithm: 'EdDSA',
  type: 'session+jwt',
  issuer: 'vestibule/auth',
  audience: 'vestibule',
} as const;

/** What whoever verifies a token insists on, in the words of fast-jwt. */
export const tokenRules = {
  algorithms: [tokenFormat.algorithm],
  allowedIss: tokenFormat.issuer,
  allowedAud: tokenFormat.audience,
  checkTyp: tokenFormat.type,
  requiredClaims: ['iss', 'aud', 'sid', 'exp'],
} satisfies Record<string, string | string[]>;

/** The claims of a token. It names a session; whether that is alive is decided by rows, not by the token. */
export const TokenClaims = Type.Object({
  iss: Type.Literal(tokenFormat.issuer),
  aud: Type.Literal(tokenFormat.audience),
  /** The account's id; absent in the session of a proved openid that has no account. */
  sub: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{7,15}$' })),
  /** The session's id. */
  sid: Type.String({ minLength: 16, maxLength: 64 }),
  /** Seconds since 1970. */
  iat: Type.Integer({ minimum: 0 }),
  /** Seconds since 1970: when the session expires. */
  exp: Type.Integer({ minimum: 0 }),
});
export type TokenClaims = Static<typeof TokenClaims>;
