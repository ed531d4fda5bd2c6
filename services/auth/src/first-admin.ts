import { accountsLogin } from '@vestibule/shared/accounts-login';
import type { Clock } from '@vestibule/shared/call-context';
import { SettingError } from '@vestibule/shared/config';
import { codeOf } from '@vestibule/shared/errors';
import type { Logger } from '@vestibule/shared/logger';
import { untilDone } from '@vestibule/shared/patience';
import type { AuthSettings } from './config.ts';
import type { PasswordHashing } from './password-hashing.ts';
import type { PasswordPolicy } from './password-policy.ts';
import type { Users } from './users.ts';

/** An admin whom the accounts document's login would never let in could not sign in anywhere by the nickname. */
function checkLogin(nickname: string, password: string): void {
  const settings = { ADMIN_NICKNAME: nickname, ADMIN_PASSWORD: password };
  const fields = { ADMIN_NICKNAME: accountsLogin.nickname, ADMIN_PASSWORD: accountsLogin.password };
  for (const name of ['ADMIN_NICKNAME', 'ADMIN_PASSWORD'] as const) {
    const { pattern, rule } = fields[name];
    if (new RegExp(pattern).test(settings[name])) continue;
    throw new SettingError(`${name} is not valid: the login of the accounts document takes ${rule}`);
  }
}

/** The admin that the settings ask for. A SettingError when nobody could sign in so, or the policy refuses it. */
export function adminOf(
  { ADMIN_NICKNAME: nickname, ADMIN_PASSWORD: password, DIALECTS }: AuthSettings,
  policy: PasswordPolicy,
): { nickname: string; password: string } | null {
  if (nickname === undefined || password === undefined) return null;
  if (DIALECTS === undefined || /\baccounts\b/.test(DIALECTS)) checkLogin(nickname, password);
  try {
    policy(password);
  } catch {
    throw new SettingError('ADMIN_PASSWORD is not valid: the password policy refuses it as too weak');
  }
  return { nickname, password };
}

const callMs = 5000;

/**
 * Makes the admin of ADMIN_NICKNAME unless an account has that nickname. Goes on trying, at growing
 * intervals, until the user service answers or `signal` says that the process ends; never rejects.
 */
export async function ensureFirstAdmin({
  nickname,
  password,
  users,
  hashing,
  clock,
  logger,
  signal,
  firstPauseMs,
}: {
  nickname: string;
  password: string;
  users: Pick<Users, 'find' | 'create'>;
  hashing: Pick<PasswordHashing, 'hash'>;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
  firstPauseMs?: number;
}): Promise<void> {
  const identity = { kind: 'nickname' as const, value: nickname };

  async function attempt(): Promise<void> {
    const context = { requestId: 'first-admin', deadline: clock() + callMs };
    if ((await users.find(identity, context)) !== null) return;
    const passwordHash = await hashing.hash(password, context.deadline);
    const created = await users.create(
      { identities: [identity], passwordHash, role: 'admin', status: 'active', profile: {} },
      context,
    );
    // Null: another replica was first.
    if (created) logger.info({ accountId: created.account.id }, 'the first admin was made');
  }

  await untilDone({
    attempt,
    failed: (error) => logger.warn({ code: codeOf(error) }, 'the first admin could not be made yet'),
    signal,
    ...(firstPauseMs !== undefined && { firstPauseMs }),
  });
}
