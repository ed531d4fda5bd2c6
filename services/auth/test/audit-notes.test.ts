import { randomUUID } from 'node:crypto';
import { authContracts } from '@vestibule/shared/contracts/auth';
import type { DomainEvent } from '@vestibule/shared/contracts/event';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { verifyChain } from '../src/audit/audit-chain.ts';
import { createAuditRepository } from '../src/audit/audit-repository.ts';
import { gateway, openTables, startAuth, startUser } from './auth-service.ts';

/** More than one transaction takes. */
const many = 1200;

const opened = (accountId: number): DomainEvent<'session.opened'> => ({
  id: randomUUID(),
  kind: 'session.opened',
  key: `account:${accountId}`,
  at: '2026-11-05T08:00:00.000Z',
  requestId: `request-${accountId}`,
  actorId: accountId,
  address: '192.0.2.7',
  data: { accountId, way: 'password' },
});

const noted = (events: readonly DomainEvent[]) => events.map((event) => ({ event: JSON.stringify(event) }));

t.test('what was noted while nobody ran is logged at the next start, once and in its order', async (t) => {
  const parts = await testParts(t);
  const db = await openTables(parts);
  const events = Array.from({ length: many }, (_, index) => opened(10_000_000 + index));
  const [first, ...rest] = events;
  if (first === undefined) throw new Error('there are many');
  await db
    .insertInto('audit_notes')
    .values(noted([first, first, ...rest]))
    .execute();
  await Promise.all([startAuth(t, parts), startAuth(t, parts)]);
  const { call } = gateway(parts);
  const page = () => call(authContracts.auditLog, { page: 1, perPage: 100 });
  await until('all are logged', async () => (await page()).total >= many);

  const repository = createAuditRepository({ db });
  const requests: string[] = [];
  for await (const { requestId } of repository.all()) requests.push(requestId);
  t.strictSame(
    requests,
    events.map(({ requestId }) => requestId),
  );
  t.match(await verifyChain(repository.all(), await repository.head()), { entries: many, fault: null });
  t.strictSame(await db.selectFrom('audit_notes').selectAll().execute(), []);
});

t.test('what was noted stands before what came from others later', async (t) => {
  const parts = await testParts(t);
  const db = await openTables(parts);
  const repository = createAuditRepository({ db });
  await db
    .insertInto('audit_notes')
    .values(noted([opened(10_000_001)]))
    .execute();
  const draft = {
    at: new Date('2026-11-05T08:00:01.000Z'),
    action: 'session.ended',
    actorId: null,
    accountId: 10_000_001,
    address: null,
    requestId: 'request-2',
    details: { accountId: 10_000_001 },
    eventId: randomUUID(),
  };
  await repository.append([draft]);
  const filter = { account: undefined, action: undefined, from: undefined, to: undefined };
  t.match(await repository.page(filter, { offset: 0, limit: 10 }), [
    { number: 2, action: 'session.ended' },
    { number: 1, action: 'session.opened', actorId: 10_000_001, details: { way: 'password' } },
  ]);
});

t.test('logins that are written together are a line each, whoever they are of', async (t) => {
  const parts = await testParts(t);
  await startUser(t, parts);
  await startAuth(t, parts);
  const { register, login, call } = gateway(parts);
  const [{ account: anna }, { account: berta }] = [await register('anna'), await register('berta')];
  const ids = [anna.id, anna.id, berta.id, anna.id];
  await Promise.all(ids.map((id) => login({ id })));
  const lines = async (account: number) => {
    const action = 'session.opened';
    const { entries } = await call(authContracts.auditLog, { page: 1, perPage: 100, account, action });
    return entries.map(({ details }) => details.way).sort();
  };
  await until(
    'all are logged',
    async () => (await lines(berta.id)).length + (await lines(anna.id)).length === 6,
  );
  t.strictSame(await lines(anna.id), ['password', 'password', 'password', 'registration']);
  t.strictSame(await lines(berta.id), ['password', 'registration']);
  const known = await (await openTables(parts)).selectFrom('known_addresses').select('subject').execute();
  t.equal(known.length, 2);
});
