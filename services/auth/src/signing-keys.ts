import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Clock } from '@vestibule/shared/call-context';
import { SettingError } from '@vestibule/shared/config';
import type { PublicKey } from '@vestibule/shared/contracts/auth';
import type { Logger } from '@vestibule/shared/logger';
import { tokenFormat } from '@vestibule/shared/token';
import type { SecretBox } from './secret-box.ts';
import type { SigningKeysRepository, StoredKey } from './signing-keys-repository.ts';

/** What a token is signed with now. */
export type SigningKey = { kid: string; privatePem: string; createdAt: number };

/** For so long another replica may go on signing with a retired key: the longest UPKEEP_INTERVAL, twice. */
const lateSigningMs = 7_200_000;

function publicKey({ kid, publicX: x }: { kid: string; publicX: string }): PublicKey {
  return { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: tokenFormat.algorithm };
}

/** The keys that tokens are signed with: one in use, made when there is none, replaced when it is too old. */
export function createSigningKeys({
  repository,
  box,
  clock,
  rotationMs,
  tokenTtlMs,
  logger,
}: {
  repository: SigningKeysRepository;
  box: SecretBox;
  clock: Clock;
  rotationMs: number;
  tokenTtlMs: number;
  logger: Logger;
}) {
  let known: SigningKey | null = null;
  let refreshing: Promise<SigningKey> | null = null;

  function open(stored: StoredKey): SigningKey & { sealed: boolean } {
    const opened = box.open(stored.privateKey, stored.kid);
    if (opened === 'unreadable') {
      const rule = 'the signing keys in the database were encrypted with another one';
      throw new SettingError(`KEYS_SECRET is ${box.seals ? 'not valid' : 'not set'}: ${rule}`);
    }
    const { text: privatePem, sealed } = opened;
    return { kid: stored.kid, privatePem, createdAt: stored.createdAt.getTime(), sealed };
  }

  function make(): StoredKey {
    const pair = generateKeyPairSync('ed25519');
    const { x } = pair.publicKey.export({ format: 'jwk' });
    if (x === undefined) throw new Error('an Ed25519 key without x');
    const kid = randomBytes(12).toString('base64url');
    const pem = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    return { kid, publicX: x, privateKey: box.seal(pem, kid), createdAt: new Date(clock()) };
  }

  const isDue = (createdAt: number) => clock() - createdAt >= rotationMs;

  /** One that lay open in the database must not go on signing once there is a secret to seal with. */
  function successor(current: StoredKey | null): StoredKey | null {
    if (current === null) return make();
    const { createdAt, sealed } = open(current);
    return isDue(createdAt) || (box.seals && !sealed) ? make() : null;
  }

  async function refresh(): Promise<SigningKey> {
    const stored = await repository.current();
    const keep = stored !== null && successor(stored) === null;
    const atLeastUntil = new Date(clock() + tokenTtlMs + lateSigningMs);
    const now = keep ? stored : await repository.replaceCurrent(successor, atLeastUntil);
    if (known !== null && known.kid !== now.kid)
      logger.info({ kid: now.kid }, 'tokens have a new signing key');
    known = open(now);
    return known;
  }

  const refreshOnce = () => {
    refreshing ??= refresh().finally(() => {
      refreshing = null;
    });
    return refreshing;
  };

  return {
    /** The key to sign with. */
    current: async (): Promise<SigningKey> =>
      known !== null && !isDue(known.createdAt) ? known : refreshOnce(),

    /**
     * Looks at the database: takes over a key that another replica made, replaces one that is too old and
     * drops those that no living token is signed with. Throws a SettingError when KEYS_SECRET is another.
     */
    async maintain(): Promise<void> {
      await refreshOnce();
      await repository.removeUnpublished(new Date(clock()));
    },

    /** The public keys that living tokens may be signed with, whichever replica signed them. */
    async published(): Promise<PublicKey[]> {
      return (await repository.published(new Date(clock()))).map(publicKey);
    },
  };
}
export type SigningKeys = ReturnType<typeof createSigningKeys>;
