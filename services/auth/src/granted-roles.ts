import type { CallContext } from '@vestibule/shared/call-context';
import type { Role } from '@vestibule/shared/contracts/account';
import { AppError } from '@vestibule/shared/errors';

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

/** Refuses a role that who registers may not have: `admin-registration-closed`. */
export type RoleRule = (role: Role, context: CallContext) => void;

/** The rule that ADMIN_REGISTRATION asks for. */
export const createRoleRule =
  (adminRegistration: 'open' | 'closed'): RoleRule =>
  (role, context) => {
    if (granted[role] && adminRegistration === 'closed' && !isAdmin(context)) {
      throw new AppError('admin-registration-closed');
    }
  };
