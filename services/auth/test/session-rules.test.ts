import type { CallContext, Caller } from '@vestibule/shared/call-context';
import { AppError } from '@vestibule/shared/errors';
import { logLines } from '@vestibule/shared/test/log-lines';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import t from 'tap';
import { createSessions } from '../src/sessions.ts';
import type { SessionRecord, SessionsRepository, SessionTimes } from '../src/sessions-repository.ts';
import type { Users } from '../src/users.ts';
import { accountFound } from './accounts.ts';

/** 1,800,000,000.5 seconds since 1970. */
const start = 1_800_000_000_500;
const context: CallContext = { requestId: 'a-request', deadline: start + 5000 };
const { access } = accountFound({ sessionEpoch: 3 });
const dead = { code: 'session-dead' };

/** A session's row: of the account unless changed. */
function recordOf(changes: Partial<SessionRecord['session'] & SessionRecord> = {}): SessionRecord {
  const { openid = null, expiresAt = new Date(start + 1), ...session } = changes;
  return {
    session: {
      sessionId: 'session-0123456789',
      accountId: 10_000_001,
      openidHash: null,
      sessionEpoch: 3,
      ended: false,
      ...session,
    },
    openid,
    expiresAt,
  };
}
const ofOpenid = (changes: Partial<SessionRecord['session']> = {}) =>
  recordOf({ accountId: null, openid: 'o-1', openidHash: 'hash-1', ...changes });

type Fakes = {
  record?: SessionRecord | null;
  users?: Partial<Pick<Users, 'access' | 'find'>>;
  times?: SessionTimes[];
  /** How many rows each batch of the upkeep removes. */
  batches?: number[];
  storeIsAway?: boolean;
};

function sessions({ record = null, users = {}, times = [], batches = [], storeIsAway = false }: Fakes = {}) {
  const calls: unknown[][] = [];
  const clock = movableClock(start);
  const log = logLines();
  const noted = (...call: unknown[]) => void calls.push(call);
  const repository: SessionsRepository = {
    insert: async (...given) => noted('insert', ...given),
    find: async () => record,
    async ofAccount(...given) {
      noted('ofAccount', ...given);
      return times;
    },
    end: async (...given) => noted('end', ...given),
    async removeExpired(...given) {
      noted('removeExpired', ...given);
      return batches.shift() ?? 0;
    },
  };
  const copied = async (...call: unknown[]) => {
    noted(...call);
    if (storeIsAway) throw new AppError('store-unavailable');
    return true;
  };
  return {
    calls,
    clock,
    lines: () => log.lines(),
    ...createSessions({
      repository,
      copies: {
        fillSession: (...given) => copied('fillSession', ...given),
        raiseSession: async (...given) => {
          await copied('raiseSession', ...given);
        },
      },
      users: { access: async () => access, find: async () => null, ...users },
      sign: async (claims) => JSON.stringify(claims),
      newId: () => 'session-0123456789',
      clock,
      ttlSeconds: 60,
      logger: log.logger,
    }),
  };
}

t.test('the session of an account is written and told of, and its token names it', async (t) => {
  const { open, calls } = sessions();
  const token = await open({ access, way: 'wechat' }, { ...context, address: '203.0.113.7' });
  t.strictSame(JSON.parse(token), {
    iss: 'vestibule/auth',
    aud: 'vestibule',
    sub: '10000001',
    sid: 'session-0123456789',
    iat: 1_800_000_000,
    exp: 1_800_000_060,
  });
  t.strictSame(calls, [
    [
      'insert',
      {
        sessionId: 'session-0123456789',
        accountId: 10_000_001,
        openid: null,
        sessionEpoch: 3,
        createdAt: new Date(1_800_000_000_000),
        expiresAt: new Date(1_800_000_060_000),
      },
      { opened: { accountId: 10_000_001, way: 'wechat' }, from: null },
      { requestId: 'a-request', address: '203.0.113.7', caller: access },
    ],
  ]);
});

t.test('a session that an admin opens for another is told of as the admin’s doing', async (t) => {
  const { open, calls } = sessions();
  const caller: Caller = { accountId: 10_000_009, role: 'admin', status: 'active' };
  await open({ access, way: 'registration' }, { ...context, caller });
  t.strictSame(calls[0]?.[3], { requestId: 'a-request', caller });
});

t.test('the session of a proved openid is nobody’s, whether the openid has an account or not', async (t) => {
  const { open, calls } = sessions();
  const tokens = [
    await open({ openid: 'o-1', access: null }, context),
    await open({ openid: 'o-1', access }, context),
  ];
  for (const token of tokens) {
    t.strictSame(JSON.parse(token), {
      iss: 'vestibule/auth',
      aud: 'vestibule',
      sid: 'session-0123456789',
      iat: 1_800_000_000,
      exp: 1_800_000_060,
    });
  }
  const draft = { accountId: null, openid: 'o-1' };
  t.match(calls, [
    [
      'insert',
      { ...draft, sessionEpoch: 0 },
      { opened: null, from: null },
      { requestId: 'a-request', caller: undefined },
    ],
    [
      'insert',
      { ...draft, sessionEpoch: 3 },
      { opened: { accountId: 10_000_001, way: 'openid' }, from: null },
      { requestId: 'a-request', caller: access },
    ],
  ]);
});

t.test('a session lives until the moment in which it expires, and its copy is renewed', async (t) => {
  const { verify, calls, clock } = sessions({ record: recordOf() });
  t.strictSame(await verify({ sessionId: 'session-0123456789' }, context), {
    sessionId: 'session-0123456789',
    account: { id: 10_000_001, role: 'normal', status: 'active' },
    openidHash: null,
  });
  t.strictSame(calls, [['fillSession', recordOf().session, start]]);
  clock.advance(1);
  await t.rejects(verify({ sessionId: 'session-0123456789' }, context), dead);
  t.equal(calls.length, 1);
});

t.test('a session is dead that is unknown, ended, of no account or of another epoch', async (t) => {
  const verify = (fakes: Fakes) => sessions(fakes).verify({ sessionId: 'session-0123456789' }, context);
  const record = recordOf();
  await t.rejects(verify({ record: null }), dead);
  await t.rejects(verify({ record: recordOf({ ended: true }) }), dead);
  await t.rejects(verify({ record, users: { access: async () => null } }), dead);
  await t.rejects(verify({ record, users: { access: async () => ({ ...access, sessionEpoch: 4 }) } }), dead);
  await t.rejects(verify({ record, users: { access: async () => ({ ...access, status: 'frozen' }) } }), dead);
});

t.test('of an ended session nobody else is asked', async (t) => {
  const fault = () => Promise.reject(new AppError('unavailable'));
  const users = { access: fault, find: fault };
  for (const record of [recordOf({ ended: true }), ofOpenid({ ended: true })]) {
    const { verify, calls } = sessions({ record, users });
    await t.rejects(verify({ sessionId: 'session-0123456789' }, context), dead);
    t.match(calls, [['fillSession', { ended: true }]]);
  }
  await t.rejects(sessions({ record: recordOf(), users }).verify({ sessionId: 's' }, context), {
    code: 'unavailable',
  });
});

t.test('the session of an openid lives while the account of the openid is at its epoch', async (t) => {
  const alive = { sessionId: 'session-0123456789', account: null, openidHash: 'hash-1' };
  const asked: unknown[] = [];
  const owned = (epoch: number) => ({
    find: async (identity: unknown) => {
      asked.push(identity);
      return accountFound();
    },
    access: async ({ id }: { id: number }) => {
      asked.push(id);
      return { ...access, sessionEpoch: epoch };
    },
  });
  const none = sessions({ record: ofOpenid({ sessionEpoch: 0 }) });
  t.strictSame(await none.verify({ sessionId: 's' }, context), alive, 'nobody has it');
  t.strictSame(none.calls[0]?.[1], ofOpenid({ sessionEpoch: 0 }).session);
  const same = sessions({ record: ofOpenid(), users: owned(3) });
  t.strictSame(await same.verify({ sessionId: 's' }, context), alive);
  t.strictSame(asked, [{ kind: 'wechat', value: 'o-1' }, 10_000_001]);
  t.strictSame(same.calls[0]?.[1], { ...ofOpenid().session, ownerId: 10_000_001 });
  await t.rejects(
    sessions({ record: ofOpenid(), users: owned(4) }).verify({ sessionId: 's' }, context),
    dead,
  );
});

t.test('logging out ends the row, then drops the copy', async (t) => {
  const { logout, calls } = sessions({ record: recordOf() });
  t.strictSame(await logout({ sessionId: 'session-0123456789' }, context), {});
  t.strictSame(calls, [
    ['end', 'session-0123456789', new Date(start), null, context],
    ['raiseSession', 'session-0123456789'],
  ]);
  const openid = sessions({ record: ofOpenid(), users: { find: async () => accountFound() } });
  await openid.logout({ sessionId: 'session-0123456789' }, context);
  t.equal(openid.calls[0]?.[3], 10_000_001, 'told of as its account’s');
  const unknown = sessions();
  t.strictSame(await unknown.logout({ sessionId: 'session-0123456789' }, context), {});
});

t.test('without the store sessions are verified and ended all the same, and the log says so', async (t) => {
  const { verify, logout, lines } = sessions({ record: recordOf(), storeIsAway: true });
  t.match(await verify({ sessionId: 's' }, context), { account: { id: 10_000_001 } });
  t.strictSame(await logout({ sessionId: 's' }, context), {});
  t.match(lines(), [
    { level: 'debug', requestId: 'a-request', code: 'store-unavailable' },
    { level: 'warn', requestId: 'a-request', code: 'store-unavailable' },
  ]);
});

t.test('the sessions of an account are listed with their times', async (t) => {
  const at = (seconds: number) => new Date(start + seconds * 1000);
  const { list, calls } = sessions({
    times: [
      { createdAt: at(0), expiresAt: at(60), endedAt: null },
      { createdAt: at(-60), expiresAt: at(0), endedAt: at(-30) },
    ],
  });
  t.strictSame(await list({ accountId: 10_000_001 }), {
    sessions: [
      {
        createdAt: '2027-01-15T08:00:00.500Z',
        expiresAt: '2027-01-15T08:01:00.500Z',
        endedAt: null,
      },
      {
        createdAt: '2027-01-15T07:59:00.500Z',
        expiresAt: '2027-01-15T08:00:00.500Z',
        endedAt: '2027-01-15T07:59:30.500Z',
      },
    ],
  });
  t.strictSame(calls, [['ofAccount', 10_000_001, 1000]]);
});

t.test('expired sessions are removed a batch at a time until there are no more', async (t) => {
  const { removeExpired, calls } = sessions({ batches: [1000, 1000, 999] });
  await removeExpired();
  t.strictSame(
    calls,
    Array.from({ length: 3 }, () => ['removeExpired', new Date(start), 1000]),
  );
});
