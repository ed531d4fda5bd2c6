import type { CallContext, Caller } from '@vestibule/shared/call-context';
import type { Role } from '@vestibule/shared/contracts/account';
import { codeOf } from '@vestibule/shared/errors';
import t from 'tap';
import { createRoleRule } from '../src/granted-roles.ts';

const roles: readonly Role[] = ['normal', 'donor', 'volunteer', 'repair', 'admin'];
const contextOf = (caller?: Partial<Caller>): CallContext => ({
  requestId: 'a-request',
  deadline: 0,
  ...(caller && { caller: { accountId: 10_000_001, role: 'admin', status: 'active', ...caller } }),
});

/** The roles that are refused, and how. */
function refusals(adminRegistration: 'open' | 'closed', caller?: Partial<Caller>): Record<string, string> {
  const rule = createRoleRule(adminRegistration);
  const refused: Record<string, string> = {};
  for (const role of roles) {
    try {
      rule(role, contextOf(caller));
    } catch (error) {
      refused[role] = codeOf(error);
    }
  }
  return refused;
}

const powers = { repair: 'admin-registration-closed', admin: 'admin-registration-closed' };

t.test('with registration closed nobody gets a role with power over others by asking for it', async (t) => {
  t.strictSame(refusals('closed'), powers);
  for (const role of ['normal', 'donor', 'volunteer', 'repair'] as const) {
    t.strictSame(refusals('closed', { role }), powers, role);
  }
});

t.test('an admin gives every role, unless the admin waits for an audit itself or is frozen', async (t) => {
  t.strictSame(refusals('closed', { role: 'admin', status: 'active' }), {});
  t.strictSame(refusals('closed', { role: 'admin', status: 'pending' }), powers);
  t.strictSame(refusals('closed', { role: 'admin', status: 'frozen' }), powers);
});

t.test('with registration open everybody has the role asked for', async (t) => {
  t.strictSame(refusals('open'), {});
  t.strictSame(refusals('open', { role: 'normal' }), {});
});
