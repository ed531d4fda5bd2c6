import type { CallContext } from '@vestibule/shared/call-context';
import type { authContracts } from '@vestibule/shared/contracts/auth';
import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { AppError } from '@vestibule/shared/errors';
import type { RoleRule } from './granted-roles.ts';
import type { PasswordHashing } from './password-hashing.ts';
import type { PasswordPolicy } from './password-policy.ts';
import type { Sessions } from './sessions.ts';
import type { Users } from './users.ts';

type Registers = typeof authContracts.register;

/** Makes accounts with a password. */
export function createRegistration({
  users,
  hashing,
  policy,
  sessions,
  roleRule,
}: {
  users: Pick<Users, 'create'>;
  hashing: Pick<PasswordHashing, 'hash' | 'together'>;
  policy: PasswordPolicy;
  sessions: Pick<Sessions, 'open'>;
  roleRule: RoleRule;
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
      roleRule(draft.role, context);
      policy(password);
      const passwordHash = await hashing.hash(password, context.deadline);
      const created = await users.create({ ...draft, passwordHash }, context);
      if (created === null) throw new AppError('identity-taken');
      await hashing.together();
      const { account, access } = created;
      return { account, token: await sessions.open({ access, way: 'registration' }, context) };
    },
  };
}
export type Registration = ReturnType<typeof createRegistration>;
