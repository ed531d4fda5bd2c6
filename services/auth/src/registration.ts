import type { CallContext } from '@vestibule/shared/call-context';
import type { Role } from '@vestibule/shared/contracts/account';
import type { authContracts } from '@vestibule/shared/contracts/auth';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { AppError } from '@vestibule/shared/errors';
import type { PasswordHashing } from './password-hashing.ts';
import type { PasswordPolicy } from './password-policy.ts';
import type { Sessions } from './sessions.ts';
import type { Users } from './users.ts';

type Registers = typeof authContracts.register;

/** Roles with power over others' accounts or requests: an admin's to give, unless registration is open. */
const granted: Record<Role, boolean> = {
  normal: false,
  repair: true,
  donor: false,
  volunteer: false,
  admin: true,
};

function isAdmin({ caller }: CallContext): boolean {
  return caller?.role === 'admin' && caller.status === 'active';
}

/** Makes accounts with a password. */
export function createRegistration({
  users,
  hashing,
  policy,
  sessions,
  adminRegistration,
}: {
  users: Pick<Users, 'create'>;
  hashing: Pick<PasswordHashing, 'hash'>;
  policy: PasswordPolicy;
  sessions: Pick<Sessions, 'open'>;
  adminRegistration: 'open' | 'closed';
}) {
  return {
    /**
     * What costs nothing is refused first: `admin-registration-closed`, `password-weak`, `busy`. Whether an
     * identity is taken, only the insert knows: `identity-taken`.
     */
    async register(
      { password, ...draft }: RequestOf<Registers>,
      context: CallContext,
    ): Promise<ReplyOf<Registers>> {
      if (granted[draft.role] && adminRegistration === 'closed' && !isAdmin(context)) {
        throw new AppError('admin-registration-closed');
      }
      policy(password);
      const passwordHash = await hashing.hash(password, context.deadline);
      const created = await users.create({ ...draft, passwordHash }, context);
      if (created === null) throw new AppError('identity-taken');
      return { account: created.account, token: await sessions.open({ access: created.access }) };
    },
  };
}
export type Registration = ReturnType<typeof createRegistration>;
