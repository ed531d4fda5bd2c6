import { AppError } from '@vestibule/shared/errors';
import { logLines } from '@vestibule/shared/test/log-lines';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import t from 'tap';
import { readAuthSettings } from '../src/config.ts';
import { adminOf, ensureFirstAdmin } from '../src/first-admin.ts';
import { createPasswordPolicy } from '../src/password-policy.ts';
import type { Users } from '../src/users.ts';
import { accountFound } from './accounts.ts';

const found = accountFound({ role: 'admin' });

t.test('the admin of the settings', async (t) => {
  const admin = (environment: Record<string, string>) =>
    adminOf(readAuthSettings(environment), createPasswordPolicy('strong'));
  const boss = { ADMIN_NICKNAME: 'boss', ADMIN_PASSWORD: 'xk7_fq-2' };

  t.test('is the one that they name, and nobody when they name none', async (t) => {
    t.strictSame(admin(boss), { nickname: 'boss', password: 'xk7_fq-2' });
    t.equal(admin({}), null);
  });

  t.test('must fit the login of the accounts document where that is served', async (t) => {
    const unfit = { ...boss, ADMIN_PASSWORD: 'with spaces in it' };
    const refused = {
      name: 'SettingError',
      message: /^ADMIN_PASSWORD is not valid: the login of the accounts/,
    };
    t.throws(() => admin(unfit), refused);
    t.throws(() => admin({ ...unfit, DIALECTS: 'medicine,accounts' }), refused);
    t.throws(() => admin({ ...boss, ADMIN_NICKNAME: 'the boss', DIALECTS: 'accounts' }), {
      name: 'SettingError',
      message: /^ADMIN_NICKNAME is not valid: the login of the accounts/,
    });
    t.strictSame(admin({ ...unfit, ADMIN_NICKNAME: 'the boss', DIALECTS: 'medicine' }), {
      nickname: 'the boss',
      password: 'with spaces in it',
    });
  });

  t.test('needs a password that the policy takes', async (t) => {
    t.throws(() => admin({ ...boss, ADMIN_PASSWORD: 'password' }), {
      name: 'SettingError',
      message: 'ADMIN_PASSWORD is not valid: the password policy refuses it as too weak',
    });
  });
});

/** Runs the making of the admin against a user service that answers as told. */
function making(answers: Partial<Pick<Users, 'find' | 'create'>>, closing = new AbortController()) {
  const log = logLines();
  const clock = movableClock();
  const hashed: [string, number][] = [];
  const created: unknown[] = [];
  const users: Pick<Users, 'find' | 'create'> = {
    find: async () => null,
    async create(draft, context) {
      created.push([draft, context]);
      return found;
    },
    ...answers,
  };
  const hashing = {
    async hash(password: string, deadline: number) {
      hashed.push([password, deadline]);
      return `hash of ${password}`;
    },
  };
  // The pauses between two tries keep no process alive.
  const alive = setInterval(() => {}, 60_000);
  const done = ensureFirstAdmin({
    nickname: 'boss',
    password: 'xk7_fq-2',
    users,
    hashing,
    clock,
    logger: log.logger,
    signal: closing.signal,
    firstPauseMs: 1,
  }).finally(() => clearInterval(alive));
  const lines = () => log.lines();
  return { done, clock, hashed, created, lines };
}

t.test('the first admin is active, has the hash of its password, and is told of by its id', async (t) => {
  const { done, clock, hashed, created, lines } = making({});
  await done;
  const deadline = clock() + 5000;
  t.strictSame(hashed, [['xk7_fq-2', deadline]]);
  t.strictSame(created, [
    [
      {
        identities: [{ kind: 'nickname', value: 'boss' }],
        passwordHash: 'hash of xk7_fq-2',
        role: 'admin',
        status: 'active',
        profile: {},
      },
      { requestId: 'first-admin', deadline },
    ],
  ]);
  t.match(lines(), [{ level: 'info', accountId: 10_000_001 }]);
});

t.test('an account of that name is left as it is, and nothing is hashed', async (t) => {
  const asked: unknown[] = [];
  const { done, hashed, created, lines } = making({
    find: async (identity) => {
      asked.push(identity);
      return found;
    },
  });
  await done;
  t.strictSame(asked, [{ kind: 'nickname', value: 'boss' }]);
  t.strictSame([hashed, created, lines()], [[], [], []]);
});

t.test('when another replica was first, nothing is said and nothing is tried again', async (t) => {
  let tries = 0;
  const { done, lines } = making({
    create: async () => {
      tries += 1;
      return null;
    },
  });
  await done;
  t.equal(tries, 1);
  t.strictSame(lines(), []);
});

t.test('it is tried again until the user service answers', async (t) => {
  let tries = 0;
  const { done, created, lines } = making({
    find: async () => {
      tries += 1;
      if (tries < 4) throw new AppError('unavailable');
      return null;
    },
  });
  await done;
  t.equal(tries, 4);
  t.equal(created.length, 1);
  t.match(lines(), [
    { level: 'warn', code: 'unavailable' },
    { level: 'warn', code: 'unavailable' },
    { level: 'warn', code: 'unavailable' },
    { level: 'info' },
  ]);
});

t.test('a process that ends tries no more, and is not kept', async (t) => {
  let tries = 0;
  const closing = new AbortController();
  const find = async () => {
    tries += 1;
    closing.abort();
    throw new AppError('unavailable');
  };
  const { done, created } = making({ find }, closing);
  await done;
  t.equal(tries, 1);
  t.strictSame(created, []);
});
