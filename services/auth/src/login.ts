import type { CallContext } from '@vestibule/shared/call-context';
import type { Access } from '@vestibule/shared/contracts/account';
import type { authContracts } from '@vestibule/shared/contracts/auth';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { userContracts } from '@vestibule/shared/contracts/user';
import { AppError } from '@vestibule/shared/errors';
import { foldIdentity } from '@vestibule/shared/identity-folding';
import type { Guard, Try } from './guard.ts';
import type { PasswordHashing } from './password-hashing.ts';
import type { PasswordPolicy } from './password-policy.ts';
import type { Sessions } from './sessions.ts';
import type { Users } from './users.ts';

type Contracts = typeof authContracts;
type PasswordLogin = RequestOf<Contracts['loginByPassword']>;
type Credentials = ReplyOf<typeof userContracts.credentials>;

/**
 * What wrong passwords for a login are counted under: the account, whichever of its identities was given. A
 * login that nobody has counts in the same way, so that nothing tells it from one that somebody has.
 */
function subjectOf(login: PasswordLogin['login'], credentials: Credentials | null): string {
  if (credentials !== null) return `account ${credentials.account.id}`;
  return 'id' in login ? `account ${login.id}` : `${login.kind} ${foldIdentity(login)}`;
}

/** Fails with `account-inactive`. */
export function insistOnUsable({ status }: Access): void {
  if (status === 'frozen' || status === 'deleted') throw new AppError('account-inactive');
}

/** Ways into an account by its password or its claimed openid. */
export function createLogin({
  users,
  guard,
  hashing,
  policy,
  sessions,
}: {
  users: Pick<Users, 'credentials' | 'find' | 'create' | 'setPassword'>;
  guard: Guard;
  hashing: PasswordHashing;
  policy: PasswordPolicy;
  sessions: Pick<Sessions, 'open'>;
}) {
  /** Unknown login and wrong password: the same work, the same answer. The status is told to its owner alone. */
  async function authenticate(
    { login, password, address }: PasswordLogin,
    context: CallContext,
  ): Promise<Credentials & { passwordHash: string; attempt: Try }> {
    const { deadline } = context;
    await hashing.enter(deadline);
    const credentials = await users.credentials({ login }, context);
    const passwordHash = credentials?.passwordHash ?? null;
    const attempt = { subject: subjectOf(login, credentials), address };
    const right = await guard.check(attempt, deadline, () =>
      hashing.verify(passwordHash, password, deadline),
    );
    if (!right || credentials === null || passwordHash === null) throw new AppError('credentials-wrong');
    insistOnUsable(credentials.access);
    return { ...credentials, passwordHash, attempt };
  }

  return {
    /** Fails with `rate-limited`, `address-limited`, `credentials-wrong`, and, the password being right, `account-inactive`. */
    async byPassword(
      request: PasswordLogin,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['loginByPassword']>> {
      const { account, access, attempt } = await authenticate(request, context);
      const from = guard.knownAddress(attempt);
      return { account, token: await sessions.open({ access, way: 'password', from }, context) };
    },

    /** Fails with `password-weak` before all else, then like a login. All sessions of the account end. */
    async changePassword(
      { newPassword, ...request }: RequestOf<Contracts['changePassword']>,
      context: CallContext,
    ): Promise<Record<string, never>> {
      policy(newPassword);
      const { account, passwordHash: expectedHash, attempt } = await authenticate(request, context);
      const [passwordHash] = await Promise.all([
        hashing.hash(newPassword, context.deadline),
        guard.remember(attempt),
      ]);
      const set = await users.setPassword({ id: account.id, expectedHash, passwordHash }, context);
      if (set === null) throw new AppError('credentials-wrong');
      return {};
    },

    /** The account of the openid, made if there is none. Fails with `account-inactive`. */
    async byOpenid(
      { openid, profile }: RequestOf<Contracts['loginByOpenid']>,
      context: CallContext,
    ): Promise<ReplyOf<Contracts['loginByOpenid']>> {
      const found =
        (await users.find(openid, context)) ??
        (await users.create(
          { identities: [openid], passwordHash: null, role: 'normal', status: 'active', profile },
          context,
        )) ??
        // Made by somebody else between the two.
        (await users.find(openid, context));
      // Taken, and nobody's: what its account was is erased.
      if (found === null) throw new AppError('account-inactive');
      insistOnUsable(found.access);
      return { account: found.account };
    },
  };
}
export type LoginRules = ReturnType<typeof createLogin>;
