import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Handler, Handlers } from '@vestibule/shared/bus/bus';
import { memoryBus } from '@vestibule/shared/bus/memory-bus';
import type { Clock } from '@vestibule/shared/call-context';
import type { Account } from '@vestibule/shared/contracts/account';
import { authContracts, type LiveSession, type PublicKey } from '@vestibule/shared/contracts/auth';
import type { Contracts } from '@vestibule/shared/contracts/contract';
import { processContracts } from '@vestibule/shared/contracts/process';
import { userContracts } from '@vestibule/shared/contracts/user';
import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { AppError } from '@vestibule/shared/errors';
import { createLogger } from '@vestibule/shared/logger';
import type { GatewayParts } from '@vestibule/shared/parts';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import { tokenFormat } from '@vestibule/shared/token';

const logger = createLogger({ level: 'silent', name: 'test' });

/** What a fake service was asked, in order. */
export type Asked = { subject: string; input: unknown; context: Parameters<Handler<Contracts[string]>>[1] };

function faked<C extends Contracts>(
  contracts: C,
  handlers: Partial<Handlers<C>>,
  asked: Asked[],
): Handlers<C> {
  const entries = Object.entries(contracts).map(([operation, { subject }]) => {
    const handler = async (input: unknown, context: Asked['context']) => {
      asked.push({ subject, input, context });
      const given = handlers[operation];
      if (given === undefined) throw new AppError('internal');
      return given(input as never, context);
    };
    return [operation, handler];
  });
  // Every operation of the contracts is in it.
  return Object.fromEntries(entries) as Handlers<C>;
}

type Fakes = {
  auth?: Partial<Handlers<typeof authContracts>>;
  user?: Partial<Handlers<typeof userContracts>>;
  verification?: Partial<Handlers<typeof verificationContracts>>;
  process?: Partial<Handlers<typeof processContracts>>;
};

/** Parts of a gateway whose services answer what the test says; what it does not say fails as `internal`. */
export async function fakeParts(
  { auth = {}, user = {}, verification = {}, process = {} }: Fakes,
  { clock = Date.now }: { clock?: Clock } = {},
) {
  const asked: Asked[] = [];
  const parts: GatewayParts = { bus: memoryBus({ clock, logger }), store: memoryStore({ clock }), clock };
  const version = '1.0.0';
  await parts.bus.serve({
    name: 'auth',
    version,
    contracts: authContracts,
    handlers: faked(authContracts, auth, asked),
  });
  await parts.bus.serve({
    name: 'user',
    version,
    contracts: userContracts,
    handlers: faked(userContracts, user, asked),
  });
  await parts.bus.serve({
    name: 'verification',
    version,
    contracts: verificationContracts,
    handlers: faked(verificationContracts, verification, asked),
  });
  await parts.bus.serve({
    name: 'process',
    version,
    contracts: processContracts,
    handlers: faked(processContracts, process, asked),
  });
  return {
    parts,
    asked,
    countOf: (subject: string) => asked.filter((call) => call.subject === subject).length,
  };
}

/** An account as the user service answers it. */
export const account = (fields: Partial<Account> = {}): Account => ({
  id: 51_923_482,
  role: 'donor',
  status: 'active',
  nickname: '',
  profile: {
    firstName: 'Sara',
    lastName: 'Hammer',
    name: '',
    phone: '12345678912',
    address: '',
    company: '',
    age: null,
    email: '',
    position: '',
    qq: '张三',
    cardno: '0111111111111',
    wxid: 'weixin_id123',
  },
  createdAt: '2020-03-26T03:34:29.000Z',
  modifiedAt: '2020-03-26T03:34:35.000Z',
  ...fields,
});

export const sessionId = 'a-session-of-the-test';

/** A live session of that account, or of another. */
export const liveSession = (fields: Partial<NonNullable<LiveSession['account']>> = {}): LiveSession => ({
  sessionId,
  account: { id: 51_923_482, role: 'donor', status: 'active', ...fields },
  openidHash: null,
});

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A signing key as auth has them; `token` signs claims, good ones unless told otherwise. */
export function signingKey(kid = 'key-1') {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const jwk: PublicKey = { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' };
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: tokenFormat.issuer,
    aud: tokenFormat.audience,
    sub: '51923482',
    sid: sessionId,
    iat: now,
    exp: now + 3600,
  };
  const token = (
    changed: object = {},
    header: object = {},
    by: KeyObject | ((input: string) => Buffer) = privateKey,
  ): string => {
    const head = { alg: 'EdDSA', typ: tokenFormat.type, kid, ...header };
    const input = `${base64url(head)}.${base64url({ ...claims, ...changed })}`;
    const signature = typeof by === 'function' ? by(input) : sign(null, Buffer.from(input), by);
    return `${input}.${signature.toString('base64url')}`;
  };
  return { jwk, token, publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}
