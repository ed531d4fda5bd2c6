import type { CallContext, Caller } from '@vestibule/shared/call-context';
import { readConfig } from '@vestibule/shared/config';
import type { Account, Role } from '@vestibule/shared/contracts/account';
import { authContracts } from '@vestibule/shared/contracts/auth';
import type { Contract, ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { userContracts } from '@vestibule/shared/contracts/user';
import type { Parts } from '@vestibule/shared/parts';
import { Value } from '@vestibule/shared/schema';
import { TokenClaims } from '@vestibule/shared/token';
import { userService } from '@vestibule/user';
import { UserSettings } from '@vestibule/user/config';
import fastify, { type FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import type { Test } from 'tap';
import { readAuthSettings } from '../src/config.ts';
import { authService } from '../src/index.ts';
import { migrations } from '../src/migrations/index.ts';
import type { PasswordEngine } from '../src/password-hashing.ts';
import type { AuthTables } from '../src/tables.ts';
import { quickEngine } from './quick-engine.ts';

export const password = 'correct horse';

export const minute = 60_000;
export const day = 86_400_000;

type Options = {
  environment?: Record<string, string>;
  engine?: PasswordEngine;
  /** Where the log's lines go. */
  log?: string[];
};

/** Runs one replica of the auth service on the parts until the test ends, or until it is closed. */
export async function startAuth(
  t: Test,
  parts: Parts,
  { environment = {}, engine = quickEngine(), log = [] }: Options = {},
): Promise<FastifyInstance> {
  const stream = { write: (line: string) => void log.push(line) };
  const app = fastify({ logger: { level: 'trace', stream } });
  app.register(authService, { parts, settings: readAuthSettings(environment), engine });
  t.teardown(() => app.close());
  await app.ready();
  return app;
}

/** Runs the user service beside it. */
export async function startUser(
  t: Test,
  parts: Parts,
  environment: Record<string, string> = {},
): Promise<FastifyInstance> {
  const app = fastify();
  app.register(userService, {
    parts,
    settings: readConfig(UserSettings, environment),
  });
  t.teardown(() => app.close());
  await app.ready();
  return app;
}

/** The service's own tables, to look at and to change from outside. */
export function openTables(parts: Pick<Parts, 'database'>): Promise<Kysely<AuthTables>> {
  return parts.database.open<AuthTables>({ schema: 'auth', migrations });
}

export const admin: Caller = { accountId: 10_000_001, role: 'admin', status: 'active' };

/** The claims of a token, unchecked. */
export function claimsOf(token: string): TokenClaims {
  const [, payload = ''] = token.split('.');
  return Value.Parse(TokenClaims, JSON.parse(Buffer.from(payload, 'base64url').toString()));
}

export function headerOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}

/** Calls over the bus, as the gateway would. */
export function gateway({ bus, clock }: Pick<Parts, 'bus' | 'clock'>) {
  const context = (caller?: Caller): CallContext => ({
    requestId: 'a-request',
    deadline: clock() + 60_000,
    ...(caller && { caller }),
  });
  const call = <C extends Contract>(contract: C, input: RequestOf<C>, caller?: Caller): Promise<ReplyOf<C>> =>
    bus.call(contract, input, context(caller));

  return {
    call,
    register: (nickname: string, draft: { role?: Role; status?: 'pending' | 'active' } = {}) =>
      call(authContracts.register, {
        identities: [{ kind: 'nickname', value: nickname }],
        password,
        role: 'normal',
        status: 'active',
        profile: {},
        ...draft,
      }),
    login: (
      login: RequestOf<typeof authContracts.loginByPassword>['login'],
      { password: given = password, address = '203.0.113.7' } = {},
    ) => call(authContracts.loginByPassword, { login, password: given, address }),
    changePassword: (
      id: number,
      newPassword: string,
      { password: given = password, address = '203.0.113.7' } = {},
    ) => call(authContracts.changePassword, { login: { id }, password: given, newPassword, address }),
    verify: (token: string) => call(authContracts.verifySession, { sessionId: claimsOf(token).sid }),
    logout: (token: string) => call(authContracts.logout, { sessionId: claimsOf(token).sid }),
    setStatus: (id: number, status: Account['status']) =>
      call(userContracts.setStatus, { id, status }, admin),
  };
}
export type Gateway = ReturnType<typeof gateway>;
