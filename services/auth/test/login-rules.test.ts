import type { CallContext } from '@vestibule/shared/call-context';
import type { Identity } from '@vestibule/shared/contracts/account';
import { AppError } from '@vestibule/shared/errors';
import { createWorkQueue } from '@vestibule/shared/work-queue';
import t from 'tap';
import type { Guard, Try } from '../src/guard.ts';
import { createLogin } from '../src/login.ts';
import { createPasswordHashing } from '../src/password-hashing.ts';
import { createPasswordPolicy } from '../src/password-policy.ts';
import { createRegistration } from '../src/registration.ts';
import type { SessionOwner } from '../src/sessions.ts';
import type { Users } from '../src/users.ts';
import { accountFound } from './accounts.ts';
import { quickEngine } from './quick-engine.ts';

const context: CallContext = { requestId: 'a-request', deadline: 5000 };
const nickname = (value: string): Identity => ({ kind: 'nickname', value });
const wrong = { code: 'credentials-wrong' };

/** The rules of logins and registrations over a user service that has one account, its password `correct horse`. */
function rules({
  found = accountFound(),
  users = {},
}: {
  found?: typeof account;
  users?: Partial<Users>;
} = {}) {
  const engine = quickEngine();
  const tries: Try[] = [];
  const opened: SessionOwner[] = [];
  const asked: [string, unknown][] = [];
  const noting =
    <Input, Reply>(name: string, answer: (input: Input) => Promise<Reply>) =>
    (input: Input): Promise<Reply> => {
      asked.push([name, input]);
      return answer(input);
    };
  const answers: Pick<Users, 'credentials' | 'find' | 'create' | 'setPassword'> = {
    credentials: async () => ({ ...found, passwordHash: 'hash of correct horse' }),
    find: async () => found,
    create: async () => found,
    setPassword: async () => ({}),
    ...users,
  };
  const noted = {
    credentials: noting('credentials', (input: Parameters<Users['credentials']>[0]) =>
      answers.credentials(input, context),
    ),
    find: noting('find', (input: Parameters<Users['find']>[0]) => answers.find(input, context)),
    create: noting('create', (input: Parameters<Users['create']>[0]) => answers.create(input, context)),
    setPassword: noting('setPassword', (input: Parameters<Users['setPassword']>[0]) =>
      answers.setPassword(input, context),
    ),
  };
  const remembered: Try[] = [];
  const guard: Guard = {
    check(attempt, _deadline, verify) {
      tries.push(attempt);
      return verify();
    },
    knownAddress: (attempt) => ({ ...attempt, lastSeenAt: new Date(0) }),
    async remember(attempt) {
      remembered.push(attempt);
    },
  };
  const hashing = createPasswordHashing({
    engine,
    dummyHash: 'hash of nothing',
    queue: createWorkQueue({ concurrency: 1, queue: 1, clock: () => 0 }),
  });
  const policy = createPasswordPolicy('strong');
  const sessions = {
    async open(owner: SessionOwner) {
      opened.push(owner);
      return 'a token';
    },
  };
  const refused = (role: string) => {
    if (role === 'admin') throw new AppError('admin-registration-closed');
  };
  return {
    ...createLogin({ users: noted, guard, hashing, policy, sessions }),
    ...createRegistration({ users: noted, hashing, policy, sessions, roleRule: refused }),
    engine,
    tries,
    remembered,
    opened,
    asked,
    names: () => asked.map(([name]) => name),
  };
}
const account = accountFound();
const request = { login: { id: 10_000_001 }, password: 'correct horse', address: '203.0.113.7' };

t.test('the right password opens a session of the account', async (t) => {
  const { byPassword, opened, asked } = rules();
  t.strictSame(await byPassword(request, context), { account: account.account, token: 'a token' });
  const from = { subject: 'account 10000001', address: '203.0.113.7', lastSeenAt: new Date(0) };
  t.strictSame(opened, [{ access: account.access, way: 'password', from }]);
  t.strictSame(asked, [['credentials', { login: { id: 10_000_001 } }]]);
});

t.test(
  'wrong password, unknown login and account without a password: one answer, one comparison',
  async (t) => {
    const none = { credentials: async () => null };
    const without = { credentials: async () => ({ ...account, passwordHash: null }) };
    for (const users of [{}, none, without]) {
      const { byPassword, opened, engine } = rules({ users });
      const password = users === without ? 'nothing' : 'wrong';
      await t.rejects(byPassword({ ...request, password }, context), wrong);
      t.strictSame([engine.counts.verified, opened.length], [1, 0]);
    }
  },
);

t.test('tries are counted for the account, whichever login was given', async (t) => {
  const { byPassword, tries } = rules();
  await byPassword(request, context);
  await byPassword({ ...request, login: nickname('Anna') }, context);
  t.strictSame(tries, [
    { subject: 'account 10000001', address: '203.0.113.7' },
    { subject: 'account 10000001', address: '203.0.113.7' },
  ]);
});

t.test('tries for a login that nobody has are counted for it, however it is written', async (t) => {
  const { byPassword, tries } = rules({ users: { credentials: async () => null } });
  for (const login of [{ id: 10_000_002 }, nickname('Anna'), nickname('ＡＮＮＡ'), nickname('Berta')]) {
    await t.rejects(byPassword({ ...request, login }, context), wrong);
  }
  t.strictSame(
    tries.map(({ subject }) => subject),
    ['account 10000002', 'nickname anna', 'nickname anna', 'nickname berta'],
  );
});

t.test('that an account may not be used is told for the right password alone', async (t) => {
  for (const status of ['frozen', 'deleted'] as const) {
    const { byPassword, opened } = rules({ found: accountFound({ status }) });
    await t.rejects(byPassword(request, context), { code: 'account-inactive' }, status);
    await t.rejects(byPassword({ ...request, password: 'wrong' }, context), wrong, status);
    t.strictSame(opened, []);
  }
  const { byPassword } = rules({ found: accountFound({ status: 'pending' }) });
  t.match(await byPassword(request, context), { account: { status: 'pending' } });
});

t.test('a password is changed from the one that was compared to the new one', async (t) => {
  const { changePassword, asked, opened, tries, remembered } = rules();
  t.strictSame(await changePassword({ ...request, newPassword: 'battery staple' }, context), {});
  t.strictSame(remembered, [{ subject: 'account 10000001', address: '203.0.113.7' }]);
  t.strictSame(asked, [
    ['credentials', { login: { id: 10_000_001 } }],
    [
      'setPassword',
      {
        id: 10_000_001,
        expectedHash: 'hash of correct horse',
        passwordHash: 'hash of battery staple',
      },
    ],
  ]);
  t.equal(tries.length, 1);
  t.strictSame(opened, []);
});

t.test('a change of password is refused for a weak one, a wrong one, and one that was changed', async (t) => {
  const weak = rules();
  await t.rejects(weak.changePassword({ ...request, newPassword: 'short' }, context), {
    code: 'password-weak',
  });
  t.strictSame(weak.asked, [], 'before anything is asked');
  const guessed = rules();
  const change = { ...request, newPassword: 'battery staple' };
  await t.rejects(guessed.changePassword({ ...change, password: 'wrong' }, context), wrong);
  t.strictSame(guessed.names(), ['credentials']);
  const late = rules({ users: { setPassword: async () => null } });
  await t.rejects(late.changePassword(change, context), wrong);
});

const openid = { kind: 'openid', value: 'o-1' } as const;
const byOpenid = { openid, profile: { qq: '1' } };

t.test('a claimed openid reaches the account that has it', async (t) => {
  const rulesOfOpenid = rules();
  t.strictSame(await rulesOfOpenid.byOpenid(byOpenid, context), { account: account.account });
  t.strictSame(rulesOfOpenid.asked, [['find', openid]]);
});

t.test(
  'where nobody has the openid an account is made, that of another who is quicker is taken',
  async (t) => {
    const first = rules({ users: { find: async () => null } });
    t.strictSame(await first.byOpenid(byOpenid, context), { account: account.account });
    t.strictSame(first.asked, [
      ['find', openid],
      [
        'create',
        { identities: [openid], passwordHash: null, role: 'normal', status: 'active', profile: { qq: '1' } },
      ],
    ]);
    let looks = 0;
    const find = async () => {
      looks += 1;
      return looks === 1 ? null : account;
    };
    const second = rules({ users: { find, create: async () => null } });
    t.strictSame(await second.byOpenid(byOpenid, context), { account: account.account });
    t.strictSame(second.names(), ['find', 'create', 'find']);
  },
);

t.test('an openid whose account is frozen, deleted or erased is refused', async (t) => {
  for (const status of ['frozen', 'deleted'] as const) {
    const { byOpenid: login } = rules({ found: accountFound({ status }) });
    await t.rejects(login(byOpenid, context), { code: 'account-inactive' }, status);
  }
  const erased = rules({ users: { find: async () => null, create: async () => null } });
  await t.rejects(erased.byOpenid(byOpenid, context), { code: 'account-inactive' });
});

const draft = {
  identities: [nickname('Anna')],
  password: 'correct horse',
  role: 'donor',
  status: 'active',
  profile: {},
} as const;

t.test('who registers has an account with the hash of the password, and a session', async (t) => {
  const { register, asked, opened } = rules();
  const answer = await register({ ...draft, identities: [...draft.identities] }, context);
  t.strictSame(answer, { account: account.account, token: 'a token' });
  t.strictSame(opened, [{ access: account.access, way: 'registration' }]);
  t.strictSame(asked, [
    [
      'create',
      {
        identities: [nickname('Anna')],
        role: 'donor',
        status: 'active',
        profile: {},
        passwordHash: 'hash of correct horse',
      },
    ],
  ]);
});

t.test('a registration is refused for its role, its password, and a name that is taken', async (t) => {
  const { register, engine } = rules({ users: { create: async () => null } });
  const registration = { ...draft, identities: [...draft.identities] };
  await t.rejects(register({ ...registration, role: 'admin' }, context), {
    code: 'admin-registration-closed',
  });
  await t.rejects(register({ ...registration, password: 'short' }, context), { code: 'password-weak' });
  t.equal(engine.counts.hashed, 0, 'before anything is hashed');
  await t.rejects(register(registration, context), { code: 'identity-taken' });
});

t.test('what would wait too long for its hash is refused before the user service is asked', async (t) => {
  const { byPassword, asked, engine } = rules();
  const release = Promise.withResolvers<void>();
  engine.before = () => release.promise;
  const running = [byPassword(request, context), byPassword(request, context)];
  await new Promise(setImmediate);
  await t.rejects(byPassword(request, context), { code: 'busy' });
  t.equal(asked.length, 2);
  release.resolve();
  await Promise.all(running);
  await t.rejects(byPassword(request, { ...context, deadline: 0 }), { code: 'deadline-passed' });
});
