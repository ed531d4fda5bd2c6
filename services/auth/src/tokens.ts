import fastifyJwt from '@fastify/jwt';
import { type TokenClaims, tokenFormat } from '@vestibule/shared/token';
import type { FastifyInstance } from 'fastify';
import type { SigningKey, SigningKeys } from './signing-keys.ts';

/** Signs claims with the key that is in use when they are signed, under its `kid`. */
export async function createTokenSigner(
  app: FastifyInstance,
  keys: Pick<SigningKeys, 'current'>,
): Promise<(claims: TokenClaims) => Promise<string>> {
  const optionsOf = ({ kid, privatePem: key }: SigningKey) => ({
    key,
    kid,
    algorithm: tokenFormat.algorithm,
    header: { alg: tokenFormat.algorithm, typ: tokenFormat.type },
  });
  const first = await keys.current();
  // Nothing is verified here; the plugin wants something to verify with all the same.
  const secret = {
    private: first.privatePem,
    public: () => Promise.reject(new Error('auth verifies no tokens')),
  };
  await app.register(fastifyJwt, { secret, sign: optionsOf(first) });
  return async (claims) => {
    const key = await keys.current();
    // The plugin makes a key of its text once for the one that it was registered with, and anew for each other token.
    return key.kid === first.kid ? app.jwt.sign(claims) : app.jwt.sign(claims, optionsOf(key));
  };
}
