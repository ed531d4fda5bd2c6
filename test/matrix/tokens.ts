import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import type { Parts } from '@vestibule/shared/parts';
import { migrations } from '../../services/auth/src/migrations/index.ts';
import type { AuthTables } from '../../services/auth/src/tables.ts';
import { claimsOf, headerOf } from '../../services/auth/test/auth-service.ts';

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

type Signature = (input: string) => Buffer;
const by =
  (key: KeyObject): Signature =>
  (input) =>
    sign(null, Buffer.from(input), key);

/** A token like this one, with other parts. */
function rewritten(
  token: string,
  { header = {}, claims = {} }: { header?: object; claims?: object },
  signature: Signature,
) {
  const head = { ...Object(headerOf(token)), ...header };
  const input = `${base64url(head)}.${base64url({ ...claimsOf(token), ...claims })}`;
  return `${input}.${signature(input).toString('base64url')}`;
}

/** The private key that auth signs with now, as who broke into its database would have it. */
async function stolenKey(parts: Parts): Promise<KeyObject> {
  const db = await parts.database.open<AuthTables>({ schema: 'auth', migrations });
  const { private_key: stored } = await db
    .selectFrom('signing_keys')
    .select('private_key')
    .where('retired_at', 'is', null)
    .executeTakeFirstOrThrow();
  const [, pem] = /^plain:(.+)$/s.exec(stored ?? '') ?? [];
  if (pem === undefined) throw new Error('the key in use is sealed, or has no private half');
  return createPrivateKey(pem);
}

/** What others might make of a live token. */
export async function createForgeries(parts: Parts) {
  const stolen = await stolenKey(parts);
  const publicPem = createPublicKey(stolen).export({ type: 'spki', format: 'pem' }).toString();
  const { privateKey: strange } = generateKeyPairSync('ed25519');
  const hmac: Signature = (input) => createHmac('sha256', publicPem).update(input).digest();
  return {
    forged: (token: string) => [
      rewritten(token, {}, by(strange)),
      rewritten(token, { header: { alg: 'none' } }, () => Buffer.alloc(0)),
      rewritten(token, { header: { alg: 'HS256' } }, hmac),
    ],
    /** Signed by auth's own key, and yet not made for a session here. */
    foreign: (token: string) => [
      rewritten(token, { claims: { iss: 'somebody/else' } }, by(stolen)),
      rewritten(token, { claims: { aud: 'somewhere-else' } }, by(stolen)),
      rewritten(token, { header: { typ: 'JWT' } }, by(stolen)),
    ],
    /** What the other two would be if nothing was wrong with them. */
    same: (token: string) => rewritten(token, {}, by(stolen)),
  };
}
export type Forgeries = Awaited<ReturnType<typeof createForgeries>>;
