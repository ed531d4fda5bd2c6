import t, { type Test } from 'tap';
import type { Access } from '../src/contracts/account.ts';
import { AppError, codeOf } from '../src/errors.ts';
import { judge, type SessionCopy, sessionCopies } from '../src/session-copies.ts';
import { movableClock } from './harness/movable-clock.ts';
import { testGatewayParts } from './harness/parts.ts';

const session: SessionCopy = {
  sessionId: 'session-0123456789',
  accountId: 12_345_678,
  openidHash: null,
  sessionEpoch: 2,
  ended: false,
};
const access: Access = {
  accountId: 12_345_678,
  role: 'donor',
  status: 'active',
  sessionEpoch: 2,
  version: 7,
};
const alive = {
  sessionId: 'session-0123456789',
  account: { id: 12_345_678, role: 'donor', status: 'active' },
  openidHash: null,
};

async function setUp(t: Test) {
  const clock = movableClock();
  const { store } = await testGatewayParts(t, { clock });
  const copies = sessionCopies({ store, clock });
  return {
    store,
    clock,
    copies,
    read: () => copies.read('session-0123456789', 12_345_678),
    /** Both copies, as auth and user keep them. */
    async fill(changes: { session?: Partial<SessionCopy>; access?: Partial<Access> } = {}) {
      await copies.fillSession({ ...session, ...changes.session }, clock());
      await copies.fillAccess({ ...access, ...changes.access }, clock());
    },
  };
}

t.test('two live copies are a live session', async (t) => {
  const { read, fill } = await setUp(t);
  await fill();
  t.strictSame(await read(), alive);
});

t.test('a pending account’s session lives, and says so', async (t) => {
  const { read, fill } = await setUp(t);
  await fill({ access: { status: 'pending' } });
  t.match(await read(), { account: { status: 'pending' } });
});

t.test('a session and an account together are alive or dead', async (t) => {
  t.strictSame(judge(session, access), alive);
  t.equal(judge({ ...session, ended: true }, access), 'dead');
  t.equal(judge(session, null), 'dead');
  t.equal(judge(session, { ...access, status: 'frozen' }), 'dead');
  t.equal(judge(session, { ...access, status: 'deleted' }), 'dead');
  t.equal(judge(session, { ...access, sessionEpoch: 1 }), 'dead');
});

t.test(
  'the session of an openid lives at the epoch of its account, or at the first where it has none',
  async (t) => {
    const proved = { ...session, accountId: null, openidHash: 'hash-1' };
    const nobodys = { sessionId: 'session-0123456789', account: null, openidHash: 'hash-1' };
    t.strictSame(judge(proved, access), nobodys);
    t.strictSame(judge(proved, { ...access, status: 'frozen' }), nobodys);
    t.equal(judge(proved, null), 'dead');
    t.strictSame(judge({ ...proved, sessionEpoch: 0 }, null), nobodys);
    t.equal(judge({ ...proved, sessionEpoch: 0 }, access), 'dead');
    t.equal(judge({ ...proved, ended: true }, access), 'dead');
  },
);

t.test('without one of the copies nothing is known', async (t) => {
  const { clock, copies, read } = await setUp(t);
  t.equal(await read(), 'unknown');
  await copies.fillSession(session, clock());
  t.equal(await read(), 'unknown');
  await copies.fillAccess(access, clock());
  t.strictSame(await read(), alive);
  t.equal(await copies.read('session-of-another-1', 12_345_678), 'unknown');
  t.equal(await copies.read('session-0123456789', 87_654_321), 'unknown');
});

t.test('a copy counts for 5 s after its row was asked for, however late it was filled', async (t) => {
  const { clock, copies, read } = await setUp(t);
  const readAt = clock();
  clock.advance(4000);
  await copies.fillSession(session, readAt);
  await copies.fillAccess(access, clock());
  clock.advance(999);
  t.strictSame(await read(), alive);
  clock.advance(1);
  t.equal(await read(), 'unknown');
  await copies.fillSession(session, clock());
  clock.advance(3999);
  t.strictSame(await read(), alive);
  clock.advance(1);
  t.equal(await read(), 'unknown');
});

t.test('an ended session is dead, whatever is known of its account', async (t) => {
  const { clock, copies, read } = await setUp(t);
  await copies.fillSession({ ...session, ended: true }, clock());
  t.equal(await read(), 'dead');
});

t.test('the session of a frozen or deleted account, or of an older epoch, is dead', async (t) => {
  for (const change of [{ status: 'frozen' }, { status: 'deleted' }, { sessionEpoch: 3 }] as const) {
    const { read, fill } = await setUp(t);
    await fill({ access: change });
    t.equal(await read(), 'dead', JSON.stringify(change));
  }
});

t.test('a session of a proved openid lives by its copy and that of the openid’s account', async (t) => {
  const { clock, copies } = await setUp(t);
  const read = () => copies.read('session-0123456789', null);
  const row = { ...session, accountId: null, openidHash: 'hash-1', ownerId: 12_345_678 };
  await copies.fillSession(row, clock());
  t.equal(await read(), 'unknown');
  await copies.fillAccess(access, clock());
  t.strictSame(await read(), { sessionId: 'session-0123456789', account: null, openidHash: 'hash-1' });
  await copies.fillAccess({ ...access, status: 'frozen', sessionEpoch: 3, version: 8 }, clock());
  t.equal(await read(), 'dead');
  await copies.raiseAccess(12_345_678, 9);
  t.equal(await read(), 'unknown');
  await copies.fillAccess({ ...access, status: 'active', sessionEpoch: 3, version: 9 }, clock());
  t.equal(await read(), 'dead', 'also once the account is unfrozen');
  await copies.raiseSession('session-0123456789');
  t.equal(await read(), 'unknown');
});

t.test('a session of a proved openid without an account is asked about', async (t) => {
  const { clock, copies } = await setUp(t);
  await copies.fillSession({ ...session, accountId: null, openidHash: 'hash-1' }, clock());
  t.equal(await copies.read('session-0123456789', null), 'unknown');
});

t.test('a session that has got an account since its token was made is asked about', async (t) => {
  const { copies, fill } = await setUp(t);
  await fill();
  t.equal(await copies.read('session-0123456789', null), 'unknown');
});

t.test('after a raise the old copy is gone, a late fill of it is refused, the new one counts', async (t) => {
  const { clock, copies, read, fill } = await setUp(t);
  await fill();
  const readAt = clock();
  await copies.raiseAccess(12_345_678, 8);
  t.equal(await read(), 'unknown');
  t.equal(await copies.fillAccess(access, readAt), false);
  t.equal(await read(), 'unknown');
  t.equal(await copies.fillAccess({ ...access, role: 'admin', version: 8 }, clock()), true);
  t.strictSame(await read(), { ...alive, account: { id: 12_345_678, role: 'admin', status: 'active' } });
  t.equal(await copies.fillAccess(access, readAt), false);
  t.match(await read(), { account: { role: 'admin' } });
});

t.test('after a logout no fill of the live session is taken any more', async (t) => {
  const { clock, copies, read, fill } = await setUp(t);
  await fill();
  await copies.raiseSession('session-0123456789');
  t.equal(await copies.fillSession(session, clock()), false);
  t.equal(await read(), 'unknown');
  t.equal(await copies.fillSession({ ...session, ended: true }, clock()), true);
  t.equal(await read(), 'dead');
});

t.test('however many fills meet a raise, none brings the old state back', async (t) => {
  const { clock, copies, read, fill } = await setUp(t);
  await fill();
  const late = () => Array.from({ length: 50 }, () => copies.fillAccess(access, clock()));
  const before = late();
  const raised = copies.raiseAccess(12_345_678, 8).then(read);
  const after = late();
  t.equal(await raised, 'unknown');
  await Promise.all([...before, ...after]);
  t.equal(await read(), 'unknown');
});

t.test('text in the store that is no copy is as good as none', async (t) => {
  const { store, copies, clock, read } = await setUp(t);
  await copies.fillAccess(access, clock());
  const { accountId: _, ...incomplete } = session;
  const wrong = [
    '',
    '{',
    'null',
    '[]',
    '{"readAt": 1}',
    JSON.stringify({ readAt: clock(), row: incomplete }),
    JSON.stringify({ readAt: 'now', row: session }),
  ];
  for (const text of wrong) {
    await store.set('session:session-0123456789', text, 5000);
    t.equal(await read(), 'unknown', text);
  }
  await copies.fillSession(session, clock());
  const { status: _status, ...unheardOf } = access;
  for (const row of [unheardOf, { ...access, status: 'unheard of' }, null]) {
    await store.set('access:12345678', JSON.stringify({ readAt: clock(), row }), 5000);
    t.equal(await read(), 'unknown', JSON.stringify(row));
  }
});

t.test('without the store the reader is told so, and nothing else', async (t) => {
  const away = () => Promise.reject(new AppError('store-unavailable'));
  const { store } = await testGatewayParts(t);
  const copies = sessionCopies({ store: { ...store, getMany: away }, clock: Date.now });
  t.equal(await copies.read('session-0123456789', 12_345_678).catch(codeOf), 'store-unavailable');
});
