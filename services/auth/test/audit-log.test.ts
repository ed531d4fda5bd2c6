import { randomUUID } from 'node:crypto';
import { authContracts } from '@vestibule/shared/contracts/auth';
import type { RequestOf } from '@vestibule/shared/contracts/contract';
import type { DomainEvent } from '@vestibule/shared/contracts/event';
import type { Parts } from '@vestibule/shared/parts';
import { testParts } from '@vestibule/shared/test/parts';
import { publish } from '@vestibule/shared/test/publishing';
import { until } from '@vestibule/shared/test/server-process';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { verifyChain } from '../src/audit/audit-chain.ts';
import { createAuditRepository } from '../src/audit/audit-repository.ts';
import { verifyAuditLog } from '../src/audit/verify-audit-log.ts';
import { claimsOf, gateway, openTables, startAuth, startUser } from './auth-service.ts';

const environment = { OUTBOX_POLL_MS: '20' };
const first = 10_000_001;
const second = 10_000_002;

type Filter = Partial<RequestOf<typeof authContracts.auditLog>>;

const list = (parts: Parts, filter: Filter = {}) =>
  gateway(parts).call(authContracts.auditLog, { page: 1, perPage: 100, ...filter });

const untilLogged = (parts: Parts, total: number) =>
  until(`${total} lines are logged`, async () => (await list(parts)).total >= total);

/** Something that the first account's owner did to the second account. */
const statusChanged = (hour: string, change: Partial<DomainEvent<'account.status-changed'>> = {}) =>
  ({
    id: randomUUID(),
    kind: 'account.status-changed',
    key: `account:${second}`,
    at: `2026-11-05T${hour}:00:00.000Z`,
    requestId: 'request-1',
    actorId: first,
    address: '192.0.2.7',
    data: { accountId: second, from: 'active', to: 'frozen' },
    ...change,
  }) satisfies DomainEvent<'account.status-changed'>;

const taskClaimed: DomainEvent<'task.claimed'> = {
  ...statusChanged('09'),
  kind: 'task.claimed',
  key: 'instance:3',
  actorId: second,
  address: null,
  data: { instanceId: 3, processName: 'repair_apply', applicantId: first, taskId: 4, step: 'repair' },
};

const deployed: DomainEvent<'definition.deployed'> = {
  ...statusChanged('10'),
  kind: 'definition.deployed',
  key: 'definition:repair_apply',
  actorId: null,
  data: { processName: 'repair_apply', version: 2 },
};

async function startAudited(t: Test) {
  const parts = await testParts(t);
  await startAuth(t, parts, { environment });
  return parts;
}

/** A log of three lines. */
async function startLogged(t: Test) {
  const parts = await startAudited(t);
  const events: readonly DomainEvent[] = [statusChanged('08'), taskClaimed, deployed];
  for (const [index, event] of events.entries()) {
    await publish(parts.events, { ...event, id: randomUUID() });
    await untilLogged(parts, index + 1);
  }
  return parts;
}

t.test('each event is a line of who did what to whom, newest first', async (t) => {
  const parts = await startLogged(t);
  const common = { requestId: 'request-1' };
  t.strictSame(await list(parts), {
    total: 3,
    entries: [
      {
        ...common,
        number: 3,
        at: '2026-11-05T10:00:00.000Z',
        action: 'definition.deployed',
        actorId: null,
        accountId: null,
        address: '192.0.2.7',
        details: { processName: 'repair_apply', version: 2 },
      },
      {
        ...common,
        number: 2,
        at: '2026-11-05T09:00:00.000Z',
        action: 'task.claimed',
        actorId: second,
        accountId: first,
        address: null,
        details: {
          step: 'repair',
          taskId: 4,
          instanceId: 3,
          applicantId: first,
          processName: 'repair_apply',
        },
      },
      {
        ...common,
        number: 1,
        at: '2026-11-05T08:00:00.000Z',
        action: 'account.status-changed',
        actorId: first,
        accountId: second,
        address: '192.0.2.7',
        details: { to: 'frozen', from: 'active', accountId: second },
      },
    ],
  });
});

t.test('lines are found by account, action and time, a page at a time', async (t) => {
  const parts = await startLogged(t);
  const found = async (filter: Filter) => {
    const { total, entries } = await list(parts, filter);
    return [total, entries.map(({ number }) => number)];
  };
  t.strictSame(await found({ account: first }), [2, [2, 1]], 'who did it, or to whom it was done');
  t.strictSame(await found({ account: 10_000_003 }), [0, []]);
  t.strictSame(await found({ action: 'task.claimed' }), [1, [2]]);
  t.strictSame(await found({ from: '2026-11-05T09:00:00Z' }), [2, [3, 2]], 'from is included');
  t.strictSame(await found({ to: '2026-11-05T17:00:00+08:00' }), [2, [2, 1]], 'to is included');
  t.strictSame(await found({ account: second, action: 'task.claimed', to: '2026-11-05T08:59:59Z' }), [0, []]);
  t.strictSame(await found({ page: 2, perPage: 2 }), [3, [1]]);
  t.strictSame(await found({ account: first, page: 2, perPage: 1 }), [2, [1]]);
});

t.test('sign-ups, logins and logouts are logged with where they came from, without a secret', async (t) => {
  const parts = await testParts(t);
  await startUser(t, parts);
  await startAuth(t, parts, { environment });
  const { register, login, logout } = gateway(parts);
  const { account } = await register('sara');
  const { token } = await login({ kind: 'nickname', value: 'sara' });
  await logout(token);
  await logout(token);
  const sessions = async () => {
    const { entries } = await list(parts, { account: account.id });
    return entries.filter(({ action }) => action.startsWith('session.')).reverse();
  };
  await until('the logout is logged', async () => (await sessions()).length >= 3);
  const common = { actorId: account.id, accountId: account.id, requestId: 'a-request' };
  t.match(await sessions(), [
    { ...common, action: 'session.opened', details: { way: 'registration' } },
    { ...common, action: 'session.opened', details: { way: 'password' } },
    { ...common, actorId: null, action: 'session.ended' },
  ]);
  t.equal((await sessions()).length, 3, 'a session ends once');
  t.notMatch(JSON.stringify(await list(parts)), claimsOf(token).sid);
});

t.test('an event that comes twice is one line', async (t) => {
  const parts = await startAudited(t);
  const event = statusChanged('08');
  await Promise.all([publish(parts.events, event), publish(parts.events, event)]);
  await publish(parts.events, event);
  await publish(parts.events, statusChanged('09'));
  await untilLogged(parts, 2);
  t.equal((await list(parts)).total, 2);
});

t.test('two replicas that log at once keep the numbers whole and the chain unbroken', async (t) => {
  const parts = await startAudited(t);
  await startAuth(t, parts, { environment });
  const events = Array.from({ length: 60 }, (_, index) =>
    statusChanged('08', { key: `account:${first + (index % 9)}` }),
  );
  await Promise.all(events.map((event) => publish(parts.events, event)));
  await untilLogged(parts, 60);
  const { entries } = await list(parts);
  t.strictSame(
    entries.map(({ number }) => number),
    Array.from({ length: 60 }, (_, index) => 60 - index),
  );
  t.match(await verifyAuditLog(parts.database), { entries: 60, fault: null });
});

t.test('a line can be neither changed nor removed', async (t) => {
  const parts = await startLogged(t);
  const db = await openTables(parts);
  const tries = [
    sql`update auth.audit_log set actor_id = null`,
    sql`delete from auth.audit_log`,
    sql`truncate auth.audit_log`,
  ];
  for (const statement of tries) await t.rejects(statement.execute(db), /only added to/);
  t.match(await verifyAuditLog(parts.database), { entries: 3, fault: null });
});

t.test('whoever gets around that is found out', async (t) => {
  const parts = await startLogged(t);
  const db = await openTables(parts);
  const copy = sql`insert into auth.audit_log select number + 1, at, action, actor_id, account_id, address, request_id,
    details, gen_random_uuid(), hash from auth.audit_log where number = 3`;
  const swap = sql`update auth.audit_log set number = case number when 1 then 2 else 1 end where number < 3`;
  const free = sql`alter table auth.audit_log drop constraint audit_log_pkey`;
  const faults: [what: string, fault: string, ...change: { execute(tx: typeof db): Promise<unknown> }[]][] = [
    ['altered', 'entry 2 was altered', sql`update auth.audit_log set actor_id = null where number = 2`],
    [
      'altered in its details',
      'entry 1 was altered',
      sql`update auth.audit_log set details = details || '{"to":"active"}' where number = 1`,
    ],
    ['removed', 'entry 2 is missing', sql`delete from auth.audit_log where number = 2`],
    ['the first removed', 'entry 1 is missing', sql`delete from auth.audit_log where number = 1`],
    ['the last removed', 'entry 3 is missing', sql`delete from auth.audit_log where number = 3`],
    ['all removed', 'entry 1 is missing', sql`truncate auth.audit_log`],
    ['inserted', 'entry 4 was altered', copy],
    ['swapped', 'entry 1 was altered', free, swap],
  ];
  for (const [what, fault, ...changes] of faults) {
    const undone = new Error('undone');
    const tampering = db.transaction().execute(async (tx) => {
      await sql`alter table auth.audit_log disable trigger all`.execute(tx);
      for (const change of changes) await change.execute(tx);
      const repository = createAuditRepository({ db: tx });
      t.match(await verifyChain(repository.all(), await repository.head()), { fault }, what);
      throw undone;
    });
    await t.rejects(tampering, undone);
  }
  t.match(await verifyAuditLog(parts.database), { entries: 3, fault: null });
});
