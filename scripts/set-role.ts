// Gives an account a role, also that of an admin, and takes it away again; for operators, on the platform's own
// DATABASE_URL or DATA_DIR, and REDIS_URL. usage: npm run role -- ID ROLE
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CommonSettings, readConfig, SettingError } from '@vestibule/shared/config';
import { AccountId, Role } from '@vestibule/shared/contracts/account';
import { codeOf, type ErrorCode } from '@vestibule/shared/errors';
import { createLogger } from '@vestibule/shared/logger';
import { openPlatformDatabase, openStore } from '@vestibule/shared/open-parts';
import { Value } from '@vestibule/shared/schema';
import { copyTtlMs } from '@vestibule/shared/session-copies';
import { type Assignment, assignRole } from '@vestibule/user/role-tool';

const roles = Role.anyOf.map((role) => role.const).join(', ');
const usage = `usage: npm run role -- ID ROLE   (ROLE is one of ${roles})`;

/** What was asked for; a SettingError that says what is wrong with it. */
function readArguments([idText = '', role = '', ...more]: readonly string[]): { id: number; role: Role } {
  if (role === '' || more.length > 0) throw new SettingError(usage);
  const id = Number(idText);
  if (!/^\d+$/.test(idText) || !Value.Check(AccountId, id)) {
    throw new SettingError('ID is not valid: the number of an account, at least 8 digits');
  }
  if (!Value.Check(Role, role)) throw new SettingError(`ROLE is not valid: one of ${roles}`);
  return { id, role };
}

/** When the change counts for who is signed in already. */
function effect({ DATABASE_URL, REDIS_URL }: CommonSettings, { copyKept }: Assignment): string {
  if (!DATABASE_URL) return 'it counts from the next start on';
  const late = `it counts within ${copyTtlMs / 1000} s`;
  if (!REDIS_URL) return `${late} (REDIS_URL is not set)`;
  return copyKept ? `${late} (Redis does not answer)` : 'it counts from the next call on';
}

async function setRole(args: readonly string[]): Promise<string> {
  const { id, role } = readArguments(args);
  const settings = readConfig(CommonSettings, process.env);
  const { DATABASE_URL, DATA_DIR } = settings;
  // Nothing is made of a folder that was named by mistake.
  if (!DATABASE_URL && !existsSync(join(DATA_DIR, 'postgres'))) {
    throw new SettingError(`there is no database in ${resolve(DATA_DIR)}: set DATA_DIR, or DATABASE_URL`);
  }
  const clock = Date.now;
  const logger = createLogger({ level: 'silent', name: 'set-role' });
  await using opened = new AsyncDisposableStack();
  const options = { settings, name: 'set-role', logger, clock };
  const database = opened.adopt(await openPlatformDatabase(options), (part) => part.close());
  if (!(await database.ready())) throw new SettingError('the database does not answer, or refuses the login');
  const store = opened.adopt(openStore(options), (part) => part.close());
  await store.ready();
  const requestId = `set-role-${randomUUID()}`;
  const done = await assignRole({ database, store, clock }, { id, role, requestId });
  const note = done.status === 'active' ? '' : `; its status is ${done.status}`;
  if (done.from === done.to) return `account ${id} is ${role} already${note}`;
  return `account ${id} was ${done.from} and is ${done.to} now; ${effect(settings, done)}${note}`;
}

const refusals: Partial<Record<ErrorCode, string>> = {
  'account-unknown': 'there is no such account, or it is deleted',
  'last-admin': 'it is the last active admin: make another one first',
  'database-unavailable': 'the database is away, or did not answer in time',
};

const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(usage);
} else {
  try {
    console.log(await setRole(args));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error((refusals[codeOf(error)] ?? message).replaceAll(/\s*\n\s*/g, ' '));
    process.exitCode = 1;
  }
}
