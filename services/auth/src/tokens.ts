import fastifyJwt from '@fastify/jwt';
import { type TokenClaims, tokenFormat } from '@vestibule/shared/token';
import type { FastifyInstance } from 'fastify';
import type { SigningKeys } from './signing-keys.ts';

/** Signs claims with the key that is in use when they are signed, under its `kid`. */
export async function createTokenSigner(
  app: FastifyInstance,
  keys: Pick<SigningKeys, 'current'>,
): Promise<(claims: TokenClaims) => Promise<string>> {
  const { privatePem } = await keys.current();
  // Nothing is verified here; the plugin wants something to verify with all the same.
  const secret = { private: privatePem, public: () => Promise.reject(new Error('auth verifies no tokens')) };
  await app.register(fastifyJwt, { secret, sign: { algorithm: tokenFormat.algorithm } });
  return async (claims) => {
    const { kid, privatePem: key } = await keys.current();
    return app.jwt.sign(claims, {
      key,
      kid,
      algorithm: tokenFormat.algorithm,
      header: { alg: tokenFormat.algorithm, typ: tokenFormat.type },
    });
  };
}
